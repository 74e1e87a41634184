import { categories, outcomes, type GoldenQuestion, type GoldenRequest } from "@/api/quality";
import { plainCell, readCsv, writeCsv } from "@/lib/csv";
import { t } from "@/strings";
import { qt } from "@/strings/quality";

const words = qt.quality.import;
const columns = ["question", "expectedOutcome", "expectedDocument", "expectedAnswer", "category", "language", "tags", "expectedDocumentId"] as const;
type ColumnName = (typeof columns)[number];

export const maxAtOnce = 5000;
/** `line`: of the list, from 1, the header counted. */
export type Row = { line: number; item: GoldenRequest; problem: string | null };
export type Read = { rows: Row[]; problem: string | null };

const plain = (text: string) => text.toLowerCase().replaceAll(/[\s_-]+/g, "");
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A word of the contract, or as the console calls it; another is left for the server to refuse by name. */
function wordOf(text: string, known: readonly string[], ...names: Record<string, string>[]): string {
  return known.find((k) => plain(k) === plain(text) || names.some((n) => n[k] !== undefined && plain(n[k]) === plain(text))) ?? text;
}

/** One question per line, or CSV: with a header where its first cells name columns. */
export function readRows(text: string): Read {
  if (text.trim() === "") return { rows: [], problem: words.nothing };
  const firstLine = text.replace(/^\uFEFF/, "").trimStart().split(/\r?\n/, 1)[0] ?? "";
  const firstCell = plain((firstLine.split(/[,;\t]/, 1)[0] ?? "").replaceAll('"', ""));
  const isCsv = columns.some((c) => plain(c) === firstCell);
  return isCsv ? readTable(text) : limited(text.split(/\r?\n/).flatMap((line, i) => (line.trim() === "" ? [] : [{ line: i + 1, item: { question: line.trim() }, problem: null }])));
}

const limited = (rows: Row[]): Read => (rows.length > maxAtOnce ? { rows: [], problem: words.tooMany(rows.length, maxAtOnce) } : { rows, problem: rows.length === 0 ? words.nothing : null });

function readTable(text: string): Read {
  const { rows, openQuote } = readCsv(text);
  if (openQuote !== null) return { rows: [], problem: words.openQuote(openQuote) };
  const header = (rows[0] ?? []).map((name) => ({ name, column: columns.find((c) => plain(c) === plain(name)) }));
  const unknown = header.find((h) => h.name !== "" && !h.column);
  if (unknown) return { rows: [], problem: words.unknownColumn(unknown.name, columns.join(", ")) };
  if (!header.some((h) => h.column === "question")) return { rows: [], problem: words.noQuestionColumn };
  return limited(rows.slice(1).map((cells, i) => ({ line: i + 2, ...itemOf((name) => plainCell(cells[header.findIndex((h) => h.column === name)] ?? "")) })));
}

function itemOf(cell: (name: ColumnName) => string): Pick<Row, "item" | "problem"> {
  const id = cell("expectedDocumentId");
  const optional = (name: "expectedDocument" | "expectedAnswer" | "language") => (cell(name) === "" ? {} : { [name]: cell(name) });
  const tags = cell("tags").split(/[;|]/).map((x) => x.trim()).filter(Boolean);
  return {
    item: {
      question: cell("question"),
      ...(cell("expectedOutcome") !== "" && { expectedOutcome: wordOf(cell("expectedOutcome"), outcomes, t.conversation.outcome, qt.quality.form.outcomes) }),
      ...(cell("category") !== "" && { category: wordOf(cell("category"), categories, qt.quality.categories) }),
      ...optional("expectedDocument"),
      ...optional("expectedAnswer"),
      ...optional("language"),
      ...(uuid.test(id) && { expectedDocumentId: id }),
      ...(tags.length > 0 && { tags }),
    },
    problem: id !== "" && !uuid.test(id) ? words.badId : null,
  };
}

/** What the server said of "items[3].question" stands in the fourth row. */
export function withProblems(rows: readonly Row[], fields: Record<string, string[]>): Row[] {
  const said = new Map<number, string[]>();
  for (const [name, texts] of Object.entries(fields)) {
    const at = /^items\[(\d+)\]/.exec(name)?.[1];
    if (at !== undefined) said.set(Number(at), [...(said.get(Number(at)) ?? []), ...texts]);
  }
  return rows.map((r, i) => ({ ...r, problem: [r.problem, ...(said.get(i) ?? [])].filter(Boolean).join(" ") || null }));
}

/** The same columns as are read, so that a list can be taken out, changed and brought in elsewhere. */
export function writeRows(questions: readonly GoldenQuestion[]): string {
  return writeCsv([
    columns,
    ...questions.map((q) => [q.question, q.expectedOutcome, q.expectedDocumentTitle ?? "", q.expectedAnswer ?? "", q.category, q.language ?? "", q.tags.join("; "), q.expectedDocumentId ?? ""]),
  ]);
}
