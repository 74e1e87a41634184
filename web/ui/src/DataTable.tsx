import { Button, VisuallyHidden } from "@mantine/core";
import { lazy, Suspense, useLayoutEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import type { CellValue } from "./cellText.ts";
import classes from "./DataTable.module.css";
import { IconArrowDown } from "./icons.ts";
import { uiStrings } from "./strings.ts";
import { shownColumns, useColumnChoice } from "./tableColumns.ts";
import { TableMenu } from "./TableMenu.tsx";
import { cellProps, SkeletonRows, TableRow } from "./TableRows.tsx";
import { useTableSetup } from "./TableSetup.ts";
import type { VirtualBody as Body } from "./VirtualBody.tsx";

// Only who loads more than some pages of a list pays for it.
const VirtualBody = lazy(async () => ({ default: (await import("./VirtualBody.tsx")).VirtualBody })) as unknown as typeof Body;

export type Column<T> = {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** What a file says of it; without this, what can be read off the cell. A moment as the server gives it, a number as a number. */
  text?: (row: T) => CellValue;
  /** What stands below the name in the same cell, and in a file has a column of its own. */
  below?: { header: string; text: (row: T) => CellValue };
  /** Seen only by who chooses it. */
  optional?: boolean;
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
  /** Under which the chosen columns are remembered, where the label tells more than the table's kind. */
  name?: string;
  columns: readonly Column<T>[];
  rows: readonly T[] | undefined;
  rowId: (row: T) => string;
  /** Follows a click anywhere on the row; the main cell still holds the real link for keyboards and new tabs. */
  onOpen?: (row: T) => void;
  empty: ReactNode;
  error?: ReactNode;
  more?: { has: boolean; pending: boolean; load: () => void };
  /** Everything the list holds, also what is not loaded yet, for a file; whole is false where there was more than is read. */
  all?: () => Promise<{ rows: readonly T[]; whole: boolean }>;
  /** False where the page has an export of its own. */
  exported?: boolean;
  initialSort?: Sorting;
};

type Sorting = { id: string; desc: boolean };

/** Beyond so many rows only those in view are on the page. */
const longList = 100;

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
  const name = props.name ?? props.label;
  const [choice, choose] = useColumnChoice(useTableSetup().person, name);
  const table = useRef<HTMLTableElement>(null);
  const columns = shownColumns(props.columns, choice);
  const long = (props.rows?.length ?? 0) > longList;
  useSteadyWidths(table, long ? columns.map((c) => c.id).join(" ") : null);
  if (props.error) return <div className={classes.box}>{props.error}</div>;
  if (props.rows?.length === 0) return <div className={classes.box}>{props.empty}</div>;
  const rows = props.rows && sorted(props.rows, props.columns.find((c) => c.id === sorting?.id)?.sort, sorting?.desc ?? false);
  // Where the last column holds each row's own buttons, the table's stands above them; else it has a narrow one of its own.
  const room = !columns.at(-1)?.quiet;
  const complete = rows && (props.all ?? (props.more?.has ? undefined : () => Promise.resolve({ rows, whole: true })));
  const row = (r: T, index?: number, key?: string, ref?: React.Ref<HTMLTableRowElement>) => (
    <TableRow key={key ?? props.rowId(r)} row={r} columns={columns} onOpen={props.onOpen} room={room} {...(index !== undefined && { index, id: key, ref })} />
  );
  return (
    <div className={classes.box}>
      <TableMenu label={props.label} columns={props.columns} shown={columns} choice={choice} choose={choose} read={props.exported === false ? undefined : complete} />
      <table
        ref={table}
        className={classes.table}
        aria-label={props.label}
        aria-busy={props.rows === undefined}
        // Of a list that goes on, nobody knows how many there are.
        aria-rowcount={long ? (props.more?.has ? -1 : (rows?.length ?? 0) + 1) : undefined}
      >
        <thead>
          <tr aria-rowindex={long ? 1 : undefined}>
            {columns.map((c) => (
              <HeadCell key={c.id} column={c} sorting={sorting} onSort={() => setSorting(nextSorting(sorting, c.id))} />
            ))}
            {room && <td className={classes.room} />}
          </tr>
        </thead>
        {rows === undefined ? (
          <tbody>
            <SkeletonRows columns={columns} room={room} />
          </tbody>
        ) : long ? (
          <Suspense fallback={<tbody>{rows.slice(0, longList).map((r) => row(r))}</tbody>}>
            <VirtualBody name={name} rows={rows} rowId={props.rowId} span={columns.length + Number(room)} render={row} />
          </Suspense>
        ) : (
          <tbody>{rows.map((r) => row(r))}</tbody>
        )}
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

function HeadCell<T>({ column: c, sorting, onSort }: { column: Column<T>; sorting: Sorting | undefined; onSort: () => void }) {
  const direction = sorting?.id === c.id ? (sorting.desc ? "desc" : "asc") : undefined;
  return (
    <th scope="col" style={{ inlineSize: c.width }} aria-sort={direction && (direction === "asc" ? "ascending" : "descending")} {...cellProps(c)}>
      {c.sort ? (
        <button type="button" className={classes.sort} data-direction={direction} title={uiStrings.sortBy(c.header)} onClick={onSort}>
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
}

/** The widths that the columns found for themselves, kept: with other rows on the page they would jump about. */
function useSteadyWidths(ref: RefObject<HTMLTableElement | null>, columns: string | null) {
  useLayoutEffect(() => {
    const table = ref.current;
    const cells = [...(table?.tHead?.rows[0]?.cells ?? [])];
    if (columns === null || !table || table.offsetWidth === 0) return;
    const before = cells.map((c) => c.style.inlineSize);
    const found = cells.map((c) => (c.getBoundingClientRect().width / table.offsetWidth) * 100);
    cells.forEach((c, i) => {
      c.style.inlineSize = `${found[i]}%`;
    });
    table.dataset.steady = "";
    return () => {
      cells.forEach((c, i) => {
        c.style.inlineSize = before[i] ?? "";
      });
      delete table.dataset.steady;
    };
  }, [columns, ref]);
}
