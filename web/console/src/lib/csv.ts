/** Reading and writing of comma-separated values (RFC 4180), as spreadsheets write them: also by semicolon or tab, also with a byte order mark. */

export type Csv = { rows: string[][]; /** The row in which a quotation mark was opened and never closed, from 1. */ openQuote: number | null };

const separators = [",", ";", "\t"];

/** The separator that stands most often in the first line, outside of quotation marks. */
function separatorOf(text: string): string {
  const first = text.replaceAll(/"(?:[^"]|"")*"/g, "").split(/\r?\n/, 1)[0] ?? "";
  const counts = separators.map((s) => first.split(s).length);
  return separators[counts.indexOf(Math.max(...counts))] ?? ",";
}

export function readCsv(input: string): Csv {
  const text = input.replace(/^\uFEFF/, "");
  const separator = separatorOf(text);
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted: number | null = null;
  const endCell = () => {
    row.push(cell.trim());
    cell = "";
  };
  const endRow = () => {
    endCell();
    if (row.some((c) => c !== "")) rows.push(row);
    row = [];
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (quoted !== null) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') {
        cell += '"';
        i++;
      } else quoted = null;
    } else if (c === '"' && cell.trim() === "") {
      cell = "";
      quoted = rows.length + 1;
    } else if (c === separator) endCell();
    else if (c === "\n") endRow();
    else if (c !== "\r") cell += c;
  }
  endRow();
  return { rows, openQuote: quoted };
}

// A spreadsheet would take such a cell for a formula. One that begins with the mark which keeps it from that is marked once more, so that reading takes off what writing put on.
const formula = /^'*[=+\-@\t\r]/;

export function writeCsv(rows: readonly (readonly string[])[]): string {
  const cell = (value: string) => {
    const safe = formula.test(value) ? `'${value}` : value;
    return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `\uFEFF${rows.map((r) => r.map(cell).join(",")).join("\r\n")}\r\n`;
}

/** What a cell said before it was kept from being a formula. */
export const plainCell = (value: string) => (value.startsWith("'") && formula.test(value.slice(1)) ? value.slice(1) : value);
