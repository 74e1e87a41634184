import { ActionIcon, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconFileText, IconSearch, IconX } from "@parley/ui/icons";
import { useQuery } from "@tanstack/react-query";
import { useId, useRef, useState, type KeyboardEvent } from "react";
import * as api from "@/api/calls";
import { qt } from "@/strings/quality";
import classes from "./Quality.module.css";

const words = qt.quality.form;
export type Picked = { id: string; title: string };

/** A document, found by words of its title. */
export function DocumentPicker({ value, error, onChange }: { value: Picked | null; error: string | undefined; onChange: (value: Picked | null) => void }) {
  const field = useRef<HTMLInputElement>(null);
  if (!value) return <DocumentSearch ref={field} error={error} onChange={onChange} />;
  return (
    <div className={classes.field} role="group" aria-label={words.article}>
      <span className={classes.label}>{words.article}</span>
      <span className={classes.picked}>
        <IconFileText size={16} aria-hidden />
        <span dir="auto">{value.title}</span>
        <ActionIcon
          size="sm"
          aria-label={words.articleClear}
          title={words.articleClear}
          onClick={() => {
            onChange(null);
            requestAnimationFrame(() => field.current?.focus());
          }}
        >
          <IconX size={14} />
        </ActionIcon>
      </span>
      {error && (
        <span className={classes.error} role="alert">
          {error}
        </span>
      )}
    </div>
  );
}

function DocumentSearch({ ref, error, onChange }: { ref: React.Ref<HTMLInputElement>; error: string | undefined; onChange: (value: Picked) => void }) {
  const id = useId();
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const [q] = useDebouncedValue(text.trim(), 200);
  const found = useQuery({ queryKey: ["documents-named", q], queryFn: ({ signal }) => api.knowledge.documents({ q, limit: 8 }, { signal }), enabled: q !== "", placeholderData: (old) => old });
  const items = q === "" ? [] : (found.data?.items ?? []);
  const shown = open && q !== "" && found.data !== undefined;
  const choose = (item: Picked | undefined) => item && onChange({ id: item.id, title: item.title });

  const onKeyDown = (e: KeyboardEvent) => {
    if (!shown) return;
    if (e.key === "Escape") setOpen(false);
    else if (e.key === "ArrowDown") setAt((at + 1) % Math.max(1, items.length));
    else if (e.key === "ArrowUp") setAt((at + items.length - 1) % Math.max(1, items.length));
    else if (e.key === "Enter") choose(items[at]);
    else return;
    // Neither the form nor the dialog around it is meant.
    e.preventDefault();
    e.stopPropagation();
  };
  return (
    <div className={classes.field} onBlur={(e) => !e.currentTarget.contains(e.relatedTarget) && setOpen(false)}>
      <TextInput
        ref={ref}
        label={words.article}
        description={words.articleHint}
        error={error}
        leftSection={<IconSearch size={16} />}
        autoComplete="off"
        role="combobox"
        aria-expanded={shown && items.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={shown && items[at] ? `${id}-${at}` : undefined}
        value={text}
        onChange={(e) => {
          setText(e.currentTarget.value);
          setOpen(true);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={`${id}-list`} role="listbox" aria-label={words.articles} className={classes.options} hidden={!shown || items.length === 0}>
        {items.map((d, i) => (
          // A press would take the focus, and with it the list, before the click arrives.
          <div key={d.id} id={`${id}-${i}`} role="option" aria-selected={i === at} className={classes.option} dir="auto" onMouseDown={(e) => e.preventDefault()} onClick={() => choose(d)}>
            {d.title}
          </div>
        ))}
      </div>
      <span role="status" className={classes.muted}>
        {shown && items.length === 0 && words.articleNone}
      </span>
    </div>
  );
}
