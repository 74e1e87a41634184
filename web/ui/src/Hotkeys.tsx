import { createContext, use, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { Dialog } from "./Dialog.tsx";
import classes from "./Hotkeys.module.css";
import { belongsToField, KeySequence } from "./keyboard.ts";
import { Keys } from "./Keys.tsx";
import { uiStrings } from "./strings.ts";

export type Hotkey = {
  keys: string;
  label: string;
  /** Heading it is listed under in the help sheet. */
  group?: string;
  run: () => void;
};

type Registry = { add: (entry: { current: readonly Hotkey[] }) => () => void; list: () => readonly Hotkey[]; showHelp: () => void };
const HotkeyContext = createContext<Registry | null>(null);

/** Listens once for the whole page, knows every shortcut that is active now, and lists them on "?". */
export function HotkeyProvider({ children, helpLabel }: { children: ReactNode; helpLabel: string }) {
  const [help, setHelp] = useState(false);
  const [entries] = useState(() => new Set<{ current: readonly Hotkey[] }>());
  const [registry] = useState<Registry>(() => ({
    add: (entry) => {
      entries.add(entry);
      return () => entries.delete(entry);
    },
    list: () => [...entries].flatMap((x) => x.current),
    showHelp: () => setHelp(true),
  }));

  useEffect(() => {
    const sequence = new KeySequence();
    const onKey = (e: KeyboardEvent) => {
      if (e.defaultPrevented || e.isComposing || belongsToField(e.target, e)) return;
      // A dialog owns the keyboard while it is open.
      if (document.querySelector("dialog[open], :popover-open")) return;
      const all = [{ keys: "?", label: helpLabel, run: registry.showHelp }, ...registry.list()];
      const hit = sequence.feed(e, all, e.timeStamp);
      if (!hit) return;
      e.preventDefault();
      hit.run();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [entries, helpLabel, registry]);

  return (
    <HotkeyContext value={registry}>
      {children}
      <Dialog opened={help} onClose={() => setHelp(false)} title={uiStrings.help.title} size="lg">
        <HelpSheet hotkeys={[{ keys: "?", label: helpLabel, run: () => {} }, ...registry.list()]} />
      </Dialog>
    </HotkeyContext>
  );
}

function HelpSheet({ hotkeys }: { hotkeys: readonly Hotkey[] }) {
  const groups = Map.groupBy(hotkeys, (h) => h.group ?? uiStrings.help.general);
  return (
    <div className={classes.sheet}>
      {[...groups].map(([name, list]) => (
        <section key={name}>
          <h3 className={classes.group}>{name}</h3>
          <dl className={classes.list}>
            {[...new Map(list.map((h) => [h.keys, h])).values()].map((h) => (
              <div key={h.keys} className={classes.row}>
                <dt>{h.label}</dt>
                <dd>
                  <Keys keys={h.keys} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

/** Registers shortcuts while the calling component is mounted. */
export function useHotkeys(hotkeys: readonly Hotkey[]) {
  const registry = use(HotkeyContext);
  const currentRef = useRef(hotkeys);
  useEffect(() => {
    currentRef.current = hotkeys;
  });
  useEffect(() => registry?.add(currentRef), [registry]);
}

export function useHotkeyHelp() {
  const registry = use(HotkeyContext);
  return useMemo(() => registry?.showHelp ?? (() => {}), [registry]);
}

/** What the keys do at the moment of asking, the newest last: for whoever offers it by name. */
export function useHotkeyList(): () => readonly Hotkey[] {
  const registry = use(HotkeyContext);
  return useMemo(() => registry?.list ?? (() => []), [registry]);
}
