import { toasts, type TableFile } from "@parley/ui";
import { explain } from "@/api/problem";
import { t } from "@/strings";

/** "Golden questions" of the 3rd of May is golden-questions-2026-05-03.csv. */
export function fileName(table: string, now = new Date()): string {
  const words = table.toLowerCase().normalize("NFC").replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-+|-+$/g, "");
  return `${words || "table"}-${now.toISOString().slice(0, 10)}.csv`;
}

/** Gives the browser a file that was written here. */
export function download(name: string, text: string) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Saves what a table holds, however many pages that takes to read. */
export async function saveTable(name: string, read: () => Promise<TableFile>) {
  const reading = toasts.show({ kind: "info", text: t.table.reading, stay: 300_000 });
  try {
    const [{ rows, whole }, { writeCsv }] = await Promise.all([read(), import("@/lib/csv")]);
    download(fileName(name), writeCsv(rows));
    const count = rows.length - 1;
    if (whole) toasts.success(t.table.saved(count));
    else toasts.show({ kind: "info", text: t.table.cut(count), stay: 12_000 });
  } catch (error) {
    toasts.error(t.table.failed, explain(error));
  } finally {
    toasts.dismiss(reading);
  }
}
