import { Button, Skeleton, VisuallyHidden } from "@mantine/core";
import { useState, type ReactNode } from "react";
import classes from "./DataTable.module.css";
import { IconArrowDown } from "./icons.ts";
import { uiStrings } from "./strings.ts";

export type Column<T> = {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** What the column sorts by. Only for lists that are complete: sorting one page of many would lie. */
  sort?: (row: T) => string | number;
  align?: "start" | "end";
  /** Takes what space is left, and is the first line of the row's card on a phone. */
  main?: boolean;
  width?: string;
  /** On a phone, where there is no header above it, the cell says what it is. */
  labelled?: boolean;
  /** The header is for screen readers only, such as over a column of buttons. */
  quiet?: boolean;
  /** On a phone it stands in the card's upper corner: for a single button, such as a menu. */
  corner?: boolean;
  /** Left out on a phone. */
  desktopOnly?: boolean;
};

export type DataTableProps<T> = {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[] | undefined;
  rowId: (row: T) => string;
  /** Follows a click anywhere on the row; the main cell still holds the real link for keyboards and new tabs. */
  onOpen?: (row: T) => void;
  empty: ReactNode;
  error?: ReactNode;
  more?: { has: boolean; pending: boolean; load: () => void };
  initialSort?: Sorting;
};

type Sorting = { id: string; desc: boolean };

const collator = new Intl.Collator(undefined, { numeric: true });

/** Ascending, descending, and then as the list came; equal rows keep their order. */
export function nextSorting(now: Sorting | undefined, id: string): Sorting | undefined {
  if (now?.id !== id) return { id, desc: false };
  return now.desc ? undefined : { id, desc: true };
}

export function sorted<T>(rows: readonly T[], by: ((row: T) => string | number) | undefined, desc: boolean): readonly T[] {
  if (!by) return rows;
  const compare = (a: string | number, b: string | number) => (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b)));
  return rows.toSorted((a, b) => (desc ? compare(by(b), by(a)) : compare(by(a), by(b))));
}

export function DataTable<T extends object>(props: DataTableProps<T>) {
  const [sorting, setSorting] = useState(props.initialSort);
  if (props.error) return <div className={classes.box}>{props.error}</div>;
  if (props.rows?.length === 0) return <div className={classes.box}>{props.empty}</div>;
  const rows = props.rows && sorted(props.rows, props.columns.find((c) => c.id === sorting?.id)?.sort, sorting?.desc ?? false);
  const cellProps = (c: Column<T>) => ({
    "data-align": c.align,
    "data-main": c.main || undefined,
    "data-desktop": c.desktopOnly || undefined,
    "data-labelled": c.labelled || undefined,
    "data-corner": c.corner || undefined,
  });
  return (
    <div className={classes.box}>
      <table className={classes.table} aria-label={props.label} aria-busy={props.rows === undefined}>
        <thead>
          <tr>
            {props.columns.map((c) => {
              const direction = sorting?.id === c.id ? (sorting.desc ? "desc" : "asc") : undefined;
              return (
                <th
                  key={c.id}
                  scope="col"
                  style={{ inlineSize: c.width }}
                  aria-sort={direction && (direction === "asc" ? "ascending" : "descending")}
                  {...cellProps(c)}
                >
                  {c.sort ? (
                    <button type="button" className={classes.sort} data-direction={direction} title={uiStrings.sortBy(c.header)} onClick={() => setSorting(nextSorting(sorting, c.id))}>
                      {c.header}
                      <IconArrowDown size={13} aria-hidden />
                    </button>
                  ) : c.quiet ? (
                    <VisuallyHidden>{c.header}</VisuallyHidden>
                  ) : (
                    c.header
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {rows === undefined
            ? Array.from({ length: 8 }, (_, i) => (
                <tr key={i}>
                  {props.columns.map((c) => (
                    <td key={c.id} {...cellProps(c)}>
                      <Skeleton height={16} width={c.main ? "60%" : "70%"} />
                    </td>
                  ))}
                </tr>
              ))
            : rows.map((row) => (
                <tr
                  key={props.rowId(row)}
                  data-clickable={props.onOpen ? true : undefined}
                  onClick={(e) => {
                    if (!props.onOpen || (e.target as HTMLElement).closest("a, button, input, label, select, summary")) return;
                    if (window.getSelection()?.toString()) return;
                    props.onOpen(row);
                  }}
                >
                  {props.columns.map((c) => (
                    <td key={c.id} data-label={c.header} {...cellProps(c)}>
                      {c.cell(row)}
                    </td>
                  ))}
                </tr>
              ))}
        </tbody>
      </table>
      {props.more?.has && (
        <div className={classes.more}>
          <Button variant="default" loading={props.more.pending} onClick={props.more.load}>
            {uiStrings.loadMore}
          </Button>
        </div>
      )}
    </div>
  );
}
