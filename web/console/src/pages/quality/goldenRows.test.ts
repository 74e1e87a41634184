import { describe, expect, it } from "vitest";
import type { GoldenQuestion } from "@/api/quality";
import { qt } from "@/strings/quality";
import { maxAtOnce, readRows, withProblems, writeRows } from "./goldenRows.ts";

const words = qt.quality.import;

describe("a pasted list", () => {
  it("takes each line as a question, commas and all", () =>
    expect(readRows("How do I pay, and when?\n\n  Where am I? \n").rows.map((r) => [r.line, r.item.question])).toEqual([
      [1, "How do I pay, and when?"],
      [3, "Where am I?"],
    ]));

  it("takes columns in any order and the words of the console", () => {
    const { rows, problem } = readRows("Expected outcome;question;Tags;Expected_document;category\nNot covered;Who won?;sport | old;;Edge case\nanswered;How do I pay?;;Payment;\n");
    expect(problem).toBeNull();
    expect(rows.map((r) => r.item)).toEqual([
      { question: "Who won?", expectedOutcome: "abstained", category: "edge", tags: ["sport", "old"] },
      { question: "How do I pay?", expectedOutcome: "answered", expectedDocument: "Payment" },
    ]);
  });

  it("leaves a word that it does not know to the server, which names it", () => expect(readRows("question,category\nWhy?,hard").rows[0]?.item.category).toBe("hard"));

  it.each([
    ["nothing", "  \n", words.nothing],
    ["a header alone", "question,tags\n", words.nothing],
    ["an unknown column", "question,answer\nWhy?,Because", words.unknownColumn("answer", "question, expectedOutcome, expectedDocument, expectedAnswer, category, language, tags, expectedDocumentId")],
    ["no column of questions", "tags,category\na,simple", words.noQuestionColumn],
    ["an open quotation mark", 'question\n"Why?', words.openQuote(2)],
    ["too many", Array.from({ length: maxAtOnce + 1 }, (_, i) => `Why ${i}?`).join("\n"), words.tooMany(maxAtOnce + 1, maxAtOnce)],
  ])("says what is wrong with %s", (_, text, problem) => expect(readRows(text)).toEqual({ rows: [], problem }));

  it("refuses an id that is none where it stands", () => expect(readRows("question,expectedDocumentId\nWhy?,7\n").rows[0]?.problem).toBe(words.badId));
});

it("puts what the server said into the row that it is about", () => {
  const { rows } = readRows("One?\nTwo?\nThree?");
  const said = withProblems(rows, { "items[1].expectedDocument": ["There is no such title."], "items[1].language": ["Bad."], items: ["Not about a row."] });
  expect(said.map((r) => r.problem)).toEqual([null, "There is no such title. Bad.", null]);
});

it("imports what it exported", () => {
  const q = {
    question: '=Why, "so"?', expectedOutcome: "answered", expectedDocumentTitle: "A, B", expectedDocumentId: "01a1ff33-31c3-703c-a0bc-399da25c7dea", expectedAnswer: null, category: "complex", language: "pt-BR", tags: ["a", "b"],
  } as unknown as GoldenQuestion;
  expect(readRows(writeRows([q])).rows[0]?.item).toEqual({
    question: q.question, expectedOutcome: "answered", expectedDocument: "A, B", expectedDocumentId: q.expectedDocumentId, category: "complex", language: "pt-BR", tags: ["a", "b"],
  });
});

it("brings five thousand rows in as they were taken out, whatever is in them", () => {
  const texts = ['Wie groß ist "groß"?', "价格是多少？", "=HYPERLINK(A1)", "+49 30 123, or -1?", "'=kept", "one\nline; two", "@me"];
  const questions = Array.from({ length: maxAtOnce }, (_, i) => ({
    question: `${texts[i % texts.length]} ${i}`, expectedOutcome: "answered", expectedDocumentTitle: null, expectedDocumentId: null, expectedAnswer: texts[(i + 3) % texts.length], category: "simple", language: "de", tags: ["ä, ö", "价"],
  })) as unknown as GoldenQuestion[];
  const { rows, problem } = readRows(writeRows(questions));
  expect(problem).toBeNull();
  expect(rows.map((r) => [r.item.question, r.item.expectedAnswer, r.item.tags])).toEqual(questions.map((q) => [q.question, q.expectedAnswer, q.tags]));
});
