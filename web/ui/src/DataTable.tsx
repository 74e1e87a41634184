import { Button, Skeleton, VisuallyHidden } from "@mantine/core";
import {
  createSortedRowModel,
  rowSortingFeature,
  sortFn_alphanumeric,
  tableFeatures,
  useTable,
  type ColumnDef,
  type SortingState,
} from "@tanstack/react-table";
import { useState, type ReactNode } from "react";
import classes from "./DataTable.module.css";
import { IconArrowDown } from "./icons.ts";
import { uiStrings } from "./strings.ts";

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric },
});

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
  /** Left out on a phone. */
  desktopOnly?: boolean;
};

type DataTableProps<T> = {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[] | undefined;
  rowId: (row: T) => string;
  /** Follows a click anywhere on the row; the main cell still holds the real link for keyboards and new tabs. */
  onOpen?: (row: T) => void;
  empty: ReactNode;
  error?: ReactNode;
  more?: { has: boolean; pending: boolean; load: () => void };
  initialSort?: SortingState;
};

export function DataTable<T extends object>(props: DataTableProps<T>) {
  const [sorting, setSorting] = useState<SortingState>(props.initialSort ?? []);
  const columns = props.columns.map(
    (c): ColumnDef<typeof features, T> => ({
      id: c.id,
      header: c.header,
      cell: ({ row }) => c.cell(row.original),
      accessorFn: (row) => c.sort?.(row) ?? "",
      enableSorting: c.sort !== undefined,
      sortFn: "alphanumeric",
    }),
  );
  const table = useTable({
    features,
    columns,
    data: props.rows ?? [],
    getRowId: props.rowId,
    state: { sorting },
    onSortingChange: setSorting,
  });

  if (props.error) return <div className={classes.box}>{props.error}</div>;
  if (props.rows?.length === 0) return <div className={classes.box}>{props.empty}</div>;
  const meta = new Map(props.columns.map((c) => [c.id, c]));
  const cellProps = (id: string) => {
    const c = meta.get(id);
    return { "data-align": c?.align, "data-main": c?.main || undefined, "data-desktop": c?.desktopOnly || undefined, "data-labelled": c?.labelled || undefined };
  };
  return (
    <div className={classes.box}>
      <table className={classes.table} aria-label={props.label} aria-busy={props.rows === undefined}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((h) => {
                const direction = h.column.getIsSorted();
                return (
                  <th
                    key={h.id}
                    scope="col"
                    style={{ inlineSize: meta.get(h.column.id)?.width }}
                    aria-sort={direction === "asc" ? "ascending" : direction === "desc" ? "descending" : undefined}
                    {...cellProps(h.column.id)}
                  >
                    {h.column.getCanSort() ? (
                      <button
                        type="button"
                        className={classes.sort}
                        data-direction={direction || undefined}
                        title={uiStrings.sortBy(meta.get(h.column.id)?.header ?? "")}
                        onClick={h.column.getToggleSortingHandler()}
                      >
                        {meta.get(h.column.id)?.header}
                        <IconArrowDown size={13} aria-hidden />
                      </button>
                    ) : meta.get(h.column.id)?.quiet ? (
                      <VisuallyHidden>{meta.get(h.column.id)?.header}</VisuallyHidden>
                    ) : (
                      meta.get(h.column.id)?.header
                    )}
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody>
          {props.rows === undefined
            ? Array.from({ length: 8 }, (_, i) => (
                <tr key={i}>
                  {props.columns.map((c) => (
                    <td key={c.id} {...cellProps(c.id)}>
                      <Skeleton height={16} width={c.main ? "60%" : "70%"} />
                    </td>
                  ))}
                </tr>
              ))
            : table.getRowModel().rows.map((row) => (
                <tr
                  key={row.id}
                  data-clickable={props.onOpen ? true : undefined}
                  onClick={(e) => {
                    if (!props.onOpen || (e.target as HTMLElement).closest("a, button, input, label")) return;
                    if (window.getSelection()?.toString()) return;
                    props.onOpen(row.original);
                  }}
                >
                  {row.getAllCells().map((cell) => (
                    <td key={cell.id} data-label={meta.get(cell.column.id)?.header} {...cellProps(cell.column.id)}>
                      <table.FlexRender cell={cell} />
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
