import { Kbd } from "@mantine/core";
import { Fragment } from "react";
import classes from "./Hotkeys.module.css";
import { parseKeys } from "./keyboard.ts";
import { uiStrings } from "./strings.ts";

const apple = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);
const names: Record<string, string> = { enter: "↵", escape: "Esc", arrowup: "↑", arrowdown: "↓", mod: apple ? "⌘" : "Ctrl", shift: "⇧", alt: apple ? "⌥" : "Alt" };
const show = (key: string) => names[key] ?? key.toUpperCase();

export function Keys({ keys }: { keys: string }) {
  return (
    <span className={classes.keys}>
      {parseKeys(keys).map((chord, i) => (
        <Fragment key={i}>
          {i > 0 && <span className={classes.then}>{uiStrings.help.then}</span>}
          {chord.mod && <Kbd size="xs">{names.mod}</Kbd>}
          {chord.alt && <Kbd size="xs">{names.alt}</Kbd>}
          {chord.shift && <Kbd size="xs">{names.shift}</Kbd>}
          <Kbd size="xs">{show(chord.key)}</Kbd>
        </Fragment>
      ))}
    </span>
  );
}
