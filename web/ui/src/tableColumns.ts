import { useSyncExternalStore } from "react";

/** What somebody chose to see of a table: only what differs from how it comes, so that a column added later is seen. */
export type ColumnChoice = { off: readonly string[]; on: readonly string[] };
type Choosable = { id: string; main?: boolean; quiet?: boolean; optional?: boolean };

const nothing: ColumnChoice = { off: [], on: [] };

/** The name stays, and what is no column of facts, such as boxes and buttons: a table is never empty. */
export function mayHide(columns: readonly Choosable[], column: Choosable): boolean {
  const name = columns.find((c) => c.main) ?? columns.find((c) => !c.quiet);
  return !column.quiet && column !== name;
}

export function shownColumns<C extends Choosable>(columns: readonly C[], choice: ColumnChoice): C[] {
  return columns.filter((c) => !mayHide(columns, c) || (c.optional ? choice.on.includes(c.id) : !choice.off.includes(c.id)));
}

export function toggled(columns: readonly Choosable[], choice: ColumnChoice, id: string): ColumnChoice {
  const column = columns.find((c) => c.id === id);
  if (!column || !mayHide(columns, column)) return choice;
  const flip = (list: readonly string[]) => (list.includes(id) ? list.filter((x) => x !== id) : [...list, id]);
  return column.optional ? { ...choice, on: flip(choice.on) } : { ...choice, off: flip(choice.off) };
}

export const isChosen = (choice: ColumnChoice) => choice.off.length > 0 || choice.on.length > 0;

export function readChoice(text: string | null): ColumnChoice {
  const list = (value: unknown) => (Array.isArray(value) ? value.filter((x): x is string => typeof x === "string") : []);
  try {
    const value: unknown = JSON.parse(text ?? "null");
    if (typeof value !== "object" || value === null) return nothing;
    const { off, on } = value as { off?: unknown; on?: unknown };
    return { off: list(off), on: list(on) };
  } catch {
    return nothing;
  }
}

const choices = new Map<string, ColumnChoice>();
const listeners = new Set<() => void>();

function load(key: string): ColumnChoice {
  let choice = choices.get(key);
  if (!choice) {
    try {
      choice = readChoice(localStorage.getItem(key));
    } catch {
      choice = nothing;
    }
    choices.set(key, choice);
  }
  return choice;
}

function save(key: string, choice: ColumnChoice) {
  choices.set(key, choice);
  try {
    if (isChosen(choice)) localStorage.setItem(key, JSON.stringify(choice));
    else localStorage.removeItem(key);
  } catch {
    // Then it is remembered as long as the page is open.
  }
  for (const l of listeners) l();
}

/** The choice of one person for one table, the same wherever the table stands. */
export function useColumnChoice(person: string, table: string): [ColumnChoice, (choice: ColumnChoice) => void] {
  const key = `parley-columns:${person}:${table}`;
  const choice = useSyncExternalStore(
    (l) => {
      listeners.add(l);
      return () => void listeners.delete(l);
    },
    () => load(key),
  );
  return [choice, (next) => save(key, next)];
}
