import { isValidElement, type ReactNode } from "react";
import { RelativeTime } from "./RelativeTime.tsx";

export type CellValue = string | number | boolean | null | undefined;

function walk(node: ReactNode): string {
  if (node === null || node === undefined || typeof node === "boolean") return "";
  if (typeof node === "object" && Symbol.iterator in node) return [...node].map(walk).join("");
  if (!isValidElement(node)) return String(node);
  const props = node.props as { at?: string; children?: ReactNode; label?: ReactNode; "aria-label"?: string };
  // Elements stand apart, as they do on the screen; texts beside each other are one text.
  return ` ${node.type === RelativeTime && props.at ? isoTime(props.at) : walk(props.children ?? props.label ?? props["aria-label"])} `;
}

/** What a cell says, as far as its description tells: a moment is the moment itself. A component of its own says nothing here; its column gives a text. */
export function cellText(node: ReactNode): string {
  return walk(node).replaceAll(/\s+/g, " ").trim();
}

/** As spreadsheets read it without a look at who reads. */
export function isoTime(at: string): string {
  const value = new Date(at);
  return Number.isNaN(value.getTime()) ? at : value.toISOString();
}

/** A moment is written one way whatever way the server writes it; what only looks a little like one stays. */
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

export function valueText(value: CellValue): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string" && moment.test(value)) return isoTime(value);
  if (typeof value === "number" && !Number.isInteger(value)) return value.toFixed(9).replace(/0+$/, "");
  return String(value);
}

type Exported<T> = {
  header: string;
  quiet?: boolean;
  cell: (row: T) => ReactNode;
  text?: (row: T) => CellValue;
  below?: { header: string; text: (row: T) => CellValue };
};

/** The file of a table: its columns as they stand there, and what stands below a name in a column of its own. */
export function fileRows<T>(columns: readonly Exported<T>[], rows: readonly T[]): string[][] {
  const parts = columns
    .filter((c) => !c.quiet)
    .flatMap((c) => [{ header: c.header, of: (row: T) => (c.text ? valueText(c.text(row)) : cellText(c.cell(row))) }, ...(c.below ? [{ header: c.below.header, of: (row: T) => valueText(c.below?.text(row)) }] : [])]);
  return [parts.map((p) => p.header), ...rows.map((row) => parts.map((p) => p.of(row)))];
}
