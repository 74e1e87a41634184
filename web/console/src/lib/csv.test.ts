import { describe, expect, it } from "vitest";
import { plainCell, readCsv, writeCsv } from "./csv.ts";

describe("reading", () => {
  it.each([
    ["commas", "a,b\nc,d", [["a", "b"], ["c", "d"]]],
    ["semicolons, as some spreadsheets write", "a;b\r\nc;d, e", [["a", "b"], ["c", "d, e"]]],
    ["tabs, as they are pasted", "a\tb\nc\t", [["a", "b"], ["c", ""]]],
    ["quotation marks around separators, lines and quotation marks", 'q,t\n"one, ""two""\nthree",x', [["q", "t"], ['one, "two"\nthree', "x"]]],
    ["a byte order mark and empty lines", "\uFEFFa,b\n\n  \nc,d\n", [["a", "b"], ["c", "d"]]],
    ["a quotation mark within a cell as itself", 'a,b\n5" pipe,x', [["a", "b"], ['5" pipe', "x"]]],
  ])("takes %s", (_, text, rows) => expect(readCsv(text)).toEqual({ rows, openQuote: null }));

  it("names the row of a quotation mark that is never closed", () => expect(readCsv('a,b\n"c,d\ne,f').openQuote).toBe(2));
});

it("reads what it wrote, and no cell is a formula to a spreadsheet", () => {
  const rows = [["question", "tags"], ['He said "no", twice\nand left', "a; b"], ["=1+1", "-x"], ["’quoted’", ""], ["'=1+1", "+49 30 1234"], ["@SUM(A1)", "Größe „groß“; 价格,多少？"]];
  const text = writeCsv(rows);
  expect(text).toContain("'=1+1");
  expect(readCsv(text).rows.map((r) => r.map(plainCell))).toEqual(rows);
});
