import { Skeleton } from "@mantine/core";
import type { Ref } from "react";
import type { Column } from "./DataTable.tsx";
import classes from "./DataTable.module.css";

export const cellProps = <T,>(c: Column<T>) => ({
  "data-align": c.align,
  "data-main": c.main || undefined,
  "data-desktop": c.desktopOnly || undefined,
  "data-labelled": c.labelled || undefined,
  "data-corner": c.corner || undefined,
});

type RowProps<T> = {
  row: T;
  columns: readonly Column<T>[];
  onOpen: ((row: T) => void) | undefined;
  /** An empty cell below the table's own menu. */
  room: boolean;
  /** Its place among all rows, where not all of them are on the page. */
  index?: number;
  /** By which it is known among them. */
  id?: string | undefined;
  ref?: Ref<HTMLTableRowElement> | undefined;
};

export function TableRow<T>({ row, columns, onOpen, room, index, id, ref }: RowProps<T>) {
  return (
    <tr
      ref={ref}
      data-index={index}
      data-key={id}
      // The head is the first one.
      aria-rowindex={index === undefined ? undefined : index + 2}
      data-clickable={onOpen ? true : undefined}
      onClick={
        onOpen &&
        ((e) => {
          if ((e.target as HTMLElement).closest("a, button, input, label, select, summary")) return;
          if (window.getSelection()?.toString()) return;
          onOpen(row);
        })
      }
    >
      {columns.map((c) => (
        <td key={c.id} data-label={c.header} {...cellProps(c)}>
          {c.cell(row)}
        </td>
      ))}
      {room && <td className={classes.room} />}
    </tr>
  );
}

/** Rows of about the height that those to come will have. */
export function SkeletonRows<T>({ columns, room }: { columns: readonly Column<T>[]; room: boolean }) {
  return Array.from({ length: 8 }, (_, i) => (
    <tr key={i}>
      {columns.map((c) => (
        <td key={c.id} {...cellProps(c)}>
          <Skeleton height={16} width={c.main ? "60%" : "70%"} />
        </td>
      ))}
      {room && <td className={classes.room} />}
    </tr>
  ));
}
