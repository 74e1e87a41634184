import { Dialog, Keys, useHotkeyHelp, useHotkeyList } from "@parley/ui";
import { IconBolt, IconFileText, IconKeyboard, IconMessages, IconNote, IconSearch } from "@parley/ui/icons";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useId, useMemo, useState, type ComponentType, type KeyboardEvent, type ReactNode } from "react";
import * as api from "@/api/calls";
import { queries as found } from "@/api/found";
import { articles } from "@/api/knowledge";
import { pieces } from "@/lib/highlight";
import { customerName } from "@/lib/messages";
import { t } from "@/strings";
import { pt } from "@/strings/palette";
import classes from "./CommandPalette.module.css";
import { matching } from "./matching.ts";
import { places } from "./places.ts";
import { useCan } from "./session.ts";

type Entry = { id: string; group: string; name: string; note?: ReactNode; keys?: string; icon: ComponentType<{ size?: number }>; run: () => void };

const words = pt.palette;
const shown = 5;

/** Everything by name: pages, what the keys do here, and what was said and written. */
export function CommandPalette({ onClose }: { opened: boolean; onClose: () => void }) {
  const [text, setText] = useState("");
  const q = text.trim();
  const commands = matching(useCommands(), q);
  const search = useSearch(q);
  const entries = [...commands, ...search.entries];
  const [chosen, setChosen] = useState(0);
  const at = Math.min(chosen, Math.max(0, entries.length - 1));
  const id = useId();
  const optionId = (i: number) => `${id}-${i}`;

  useEffect(() => document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: "nearest" }), [id, at]);

  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    // What was behind it has the focus again before anything else happens.
    setTimeout(entry.run);
  };
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.nativeEvent.isComposing) return;
    const step = e.key === "ArrowDown" ? 1 : e.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && entries.length > 0) setChosen((at + step + entries.length) % entries.length);
    else if (e.key === "Enter") run(entries[at]);
    else return;
    e.preventDefault();
  };
  const groups = Map.groupBy(entries, (x) => x.group);

  return (
    <Dialog opened onClose={onClose} title={words.title} size="lg" bare>
      <div className={classes.field}>
        <IconSearch size={18} aria-hidden />
        <input
          type="search"
          role="combobox"
          aria-label={words.field}
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={entries.length > 0 ? optionId(at) : undefined}
          aria-autocomplete="list"
          autoComplete="off"
          spellCheck={false}
          placeholder={words.field}
          data-autofocus
          value={text}
          onKeyDown={onKeyDown}
          onChange={(e) => {
            setText(e.currentTarget.value);
            setChosen(0);
          }}
        />
        <Keys keys="escape" />
      </div>
      <div id={`${id}-list`} className={classes.list} role="listbox" aria-label={words.list}>
        {[...groups].map(([name, list]) => (
          <div key={name} role="group" aria-label={name}>
            <div className={classes.group} aria-hidden>
              {name}
            </div>
            {list.map((entry) => {
              const i = entries.indexOf(entry);
              return (
                <Option key={entry.id} id={optionId(i)} entry={entry} active={i === at} onPoint={() => setChosen(i)} onRun={() => run(entry)} />
              );
            })}
          </div>
        ))}
      </div>
      <State q={q} found={entries.length} search={search} />
      <footer className={classes.foot} aria-hidden>
        <span>
          <Keys keys="arrowup" />
          <Keys keys="arrowdown" /> {words.keys.move}
        </span>
        <span>
          <Keys keys="enter" /> {words.keys.open}
        </span>
      </footer>
    </Dialog>
  );
}

function Option({ id, entry, active, onPoint, onRun }: { id: string; entry: Entry; active: boolean; onPoint: () => void; onRun: () => void }) {
  const Icon = entry.icon;
  return (
    // The field keeps the focus and has the keys; this is for those who point.
    <div id={id} role="option" aria-selected={active} className={classes.option} onMouseMove={active ? undefined : onPoint} onClick={onRun}>
      <Icon size={18} aria-hidden />
      <span className={classes.texts}>
        <span className={classes.name} dir="auto">
          {entry.name}
        </span>
        {entry.note && (
          <span className={classes.note} dir="auto">
            {entry.note}
          </span>
        )}
      </span>
      {entry.keys && <Keys keys={entry.keys} />}
    </div>
  );
}

function State({ q, found, search }: { q: string; found: number; search: ReturnType<typeof useSearch> }) {
  const text = search.failed ? words.failed : search.pending ? `${words.searching}…` : q !== "" && found === 0 ? words.nothing(q) : q === "" ? words.hint : null;
  return (
    <div role="status">
      {text ? <p className={classes.state}>{text}</p> : <span className={classes.counted}>{words.found(found)}</span>}
    </div>
  );
}

/** What the keys do on this page, and the pages below the sections. */
function useCommands(): Entry[] {
  const list = useHotkeyList();
  const help = useHotkeyHelp();
  const can = useCan();
  const navigate = useNavigate();
  return useMemo(() => {
    const keys = new Map(list().map((h) => [h.keys, h]));
    const named = [...keys.values()].filter((h) => h.label !== t.nav.find);
    const nav = named.filter((h) => h.group === t.nav.group);
    const entry = (h: (typeof named)[number], group: string): Entry => ({ id: `key:${h.keys}`, group, name: h.label, keys: h.keys, icon: IconBolt, run: h.run, ...(group === words.actions && h.group && { note: h.group }) });
    return [
      ...named.filter((h) => h.group !== t.nav.group).map((h) => entry(h, words.actions)),
      ...nav.map((h) => entry(h, words.pages)),
      ...places
        .filter((p) => p.needs === null || can(p.needs))
        .map((p): Entry => ({ id: `page:${p.to}`, group: words.pages, name: p.name, note: p.section, icon: p.icon, run: () => void navigate({ to: p.to, ...("search" in p && { search: p.search }) }) })),
      { id: "help", group: words.actions, name: t.nav.shortcuts, keys: "?", icon: IconKeyboard, run: help },
    ].sort((a, b) => Number(a.group === words.pages) - Number(b.group === words.pages));
  }, [list, help, can, navigate]);
}

/** What was said and written, once the typing pauses. */
function useSearch(typed: string) {
  const [q] = useDebouncedValue(typed, 180);
  const can = useCan();
  const navigate = useNavigate();
  const wanted = q.length >= 2;
  const talks = useInfiniteQuery({ ...found.found({ q }), enabled: wanted && can("conversations:read") });
  const documents = useQuery({ queryKey: ["palette-documents", q], queryFn: ({ signal }) => api.knowledge.documents({ q, limit: shown }, { signal }), enabled: wanted && can("knowledge:read") });
  const written = useQuery({ queryKey: ["palette-articles", q], queryFn: ({ signal }) => articles.list({ q, limit: shown }, { signal }), enabled: wanted && can("knowledge:read") });
  const asked = [talks, documents, written];
  const entries: Entry[] = !wanted
    ? []
    : [
        ...(talks.data?.pages[0]?.items ?? []).slice(0, shown).map(({ conversation: c, match }): Entry => ({
          id: `conversation:${c.id}`, group: words.conversations, name: customerName(c), icon: IconMessages,
          note: match && pieces(match.text, match.marks).map((p, i) => (p.marked ? <mark key={i}>{p.text}</mark> : p.text)),
          run: () => void navigate({ to: "/conversations/$conversationId", params: { conversationId: c.id }, search: match ? { message: match.messageId } : {} }),
        })),
        ...((talks.data?.pages[0]?.items.length ?? 0) > shown
          ? [{ id: "conversations", group: words.conversations, name: words.all, icon: IconSearch, run: () => void navigate({ to: "/conversations", search: { q } }) }]
          : []),
        ...(documents.data?.items ?? []).map((d): Entry => ({ id: `document:${d.id}`, group: words.documents, name: d.title, note: d.path, icon: IconFileText, run: () => void navigate({ to: "/knowledge/documents/$documentId", params: { documentId: d.id } }) })),
        ...(written.data?.items ?? []).map((a): Entry => ({ id: `article:${a.id}`, group: words.articles, name: a.title, icon: IconNote, run: () => void navigate({ to: "/knowledge/articles/$articleId", params: { articleId: a.id } }) })),
      ];
  return { entries, pending: typed.length >= 2 && (q !== typed || asked.some((x) => x.isLoading)), failed: asked.some((x) => x.isError) };
}
