import { ActionIcon } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Markdown, Segmented } from "@parley/ui";
import { IconBold, IconCode, IconHeading, IconItalic, IconLink, IconList } from "@parley/ui/icons";
import { useDeferredValue, useRef, useState, type KeyboardEvent } from "react";
import { kt } from "@/strings/knowledge";
import classes from "./Articles.module.css";
import { apply, type Mark } from "./markdownEdit.ts";

const words = kt.articles.editor;
const tools = [
  ["bold", IconBold],
  ["italic", IconItalic],
  ["heading", IconHeading],
  ["list", IconList],
  ["code", IconCode],
  ["link", IconLink],
] as const;
type View = "write" | "both" | "preview";
const maxBody = 200_000;

/** Markdown beside what it becomes. */
export function BodyEditor({ value, onChange, readOnly }: { value: string; onChange: (text: string) => void; readOnly: boolean }) {
  const wide = useMediaQuery("(min-width: 62em)", true, { getInitialValueInEffect: false });
  const [wanted, setWanted] = useState<View | null>(readOnly ? "preview" : null);
  const views: View[] = wide ? ["write", "both", "preview"] : ["write", "preview"];
  const view = wanted && views.includes(wanted) ? wanted : wide ? "both" : "write";
  const field = useRef<HTMLTextAreaElement>(null);
  const shown = useDeferredValue(value);

  const put = (mark: Mark) => {
    const area = field.current;
    if (!area) return;
    const next = apply(mark, { text: area.value, start: area.selectionStart, end: area.selectionEnd }, words.linkText);
    onChange(next.text);
    // After the field holds the new text.
    requestAnimationFrame(() => {
      area.focus();
      area.setSelectionRange(next.start, next.end);
    });
  };
  const onKeyDown = (e: KeyboardEvent) => {
    if (!(e.ctrlKey || e.metaKey) || e.altKey || e.shiftKey) return;
    const mark = ({ b: "bold", i: "italic", k: "link" } as const)[e.key.toLowerCase() as "b" | "i" | "k"];
    if (!mark) return;
    e.preventDefault();
    put(mark);
  };
  return (
    <section className={classes.editor}>
      <div className={classes.bar}>
        <div className={classes.tools} role="group" aria-label={words.tools}>
          {view !== "preview" &&
            !readOnly &&
            tools.map(([mark, Icon]) => (
              <ActionIcon key={mark} aria-label={words[mark]} title={words[mark]} onClick={() => put(mark)}>
                <Icon size={16} />
              </ActionIcon>
            ))}
        </div>
        <Segmented
          size="xs"
          aria-label={words.view}
          value={view}
          onChange={(v) => setWanted(v as View)}
          data={views.map((v) => ({ value: v, label: words.views[v] ?? v }))}
        />
      </div>
      <div className={classes.panes} data-view={view}>
        {view !== "preview" && (
          <textarea
            ref={field}
            className={classes.body}
            aria-label={words.body}
            aria-describedby="body-hint"
            placeholder={words.bodyHint}
            value={value}
            maxLength={maxBody}
            readOnly={readOnly}
            dir="auto"
            onChange={(e) => onChange(e.currentTarget.value)}
            onKeyDown={onKeyDown}
          />
        )}
        {view !== "write" && (
          <div className={classes.preview} role="region" aria-label={words.preview} tabIndex={0}>
            {shown.trim() ? <Markdown text={shown} /> : <p className={classes.muted}>{words.previewEmpty}</p>}
          </div>
        )}
      </div>
      <p id="body-hint" className={classes.muted}>
        {words.bodyHint}
      </p>
    </section>
  );
}
