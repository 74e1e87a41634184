import { useMemo } from "react";
import { diff, type Hunk, type Line } from "@/lib/diff";
import { kt } from "@/strings/knowledge";
import classes from "./DiffView.module.css";

const words = kt.diff;
const sign = { same: "", removed: "−", added: "+" } as const;

/** What changed from one text to another, as people read it: lines, and within them the words. */
export function DiffView({ before, after }: { before: string; after: string }) {
  const hunks = useMemo(() => diff(before, after), [before, after]);
  return <Hunks hunks={hunks} />;
}

export function Hunks({ hunks }: { hunks: readonly Hunk[] }) {
  if (!hunks.some((h) => h.lines.some((l) => l.kind !== "same"))) return <p className={classes.none}>{words.none}</p>;
  return (
    <div className={classes.diff} role="group" aria-label={words.label}>
      {hunks.map((h, i) => (
        <div key={i}>
          {h.skipped > 0 && <div className={classes.skipped}>{words.skipped(h.skipped)}</div>}
          {h.lines.map((l, n) => (
            <LineView key={n} line={l} />
          ))}
        </div>
      ))}
    </div>
  );
}

function LineView({ line: l }: { line: Line }) {
  const content = l.pieces.map((p, i) => (p.changed ? <mark key={i}>{p.text}</mark> : <span key={i}>{p.text}</span>));
  return (
    <div className={classes.line} data-kind={l.kind}>
      <span className={classes.sign} aria-hidden>
        {sign[l.kind]}
      </span>
      <span dir="auto">{l.kind === "removed" ? <del>{content}</del> : l.kind === "added" ? <ins>{content}</ins> : content}</span>
    </div>
  );
}
