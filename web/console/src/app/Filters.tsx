import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@parley/ui/icons";
import { useState, type ReactNode } from "react";
import classes from "./Filters.module.css";

/** The fields above a list that say which of its rows are wanted. */
export function Filters({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.filters} role="search" aria-label={label}>
      {children}
    </div>
  );
}

/** Looks for what is typed, once the typing pauses. */
export function SearchField({ label, value, onChange }: { label: string; value: string; onChange: (q: string) => void }) {
  const [text, setText] = useState(value);
  const [shown, setShown] = useState(value);
  // The address may change from outside, such as by "Clear filters".
  if (shown !== value) {
    setShown(value);
    if (value !== text.trim()) setText(value);
  }
  const later = useDebouncedCallback(onChange, 250);
  return (
    <TextInput
      className={classes.search}
      type="search"
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} />}
      value={text}
      onChange={(e) => {
        setText(e.currentTarget.value);
        later(e.currentTarget.value.trim());
      }}
    />
  );
}
