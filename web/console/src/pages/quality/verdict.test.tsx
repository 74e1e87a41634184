import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { GoldenRun, GoldenSummary } from "@/api/quality";
import type { AskResult } from "@/api/types";
import { documentsOf, legsOf } from "./bothSides.ts";
import { IntervalBar } from "./IntervalBar.tsx";
import { Progress, Verdict } from "./Verdict.tsx";
import { countsOf, verdictOf } from "./verdict.ts";

const versions = { baseVersion: 0, candidateVersion: 3 };
const summary = (verdict: GoldenSummary["verdict"], all: Partial<GoldenSummary["all"]>): GoldenSummary => ({
  verdict, all: { questions: 120, base: 0.75, candidate: 0.825, difference: 0.075, low: 0.025, high: 0.125, better: 12, worse: 3, ...all }, byCategory: [], byLanguage: [], reciprocalRank: null,
});
const page = (html: string) => Object.assign(document.createElement("div"), { innerHTML: html });

describe("the verdict", () => {
  it("says in plain words which is better, and between what the difference lies", () => {
    const { headline, sentences } = verdictOf(versions, summary("better", {}));
    expect(headline).toBe("Version 3 is better");
    expect(sentences).toEqual([
      "Version 3 has 83% of 120 questions right, as shipped has 75%.",
      "The difference is +7.5 points; with 95 % certainty it lies between +2.5 and +12.5.",
      "12 questions became right, 3 questions became wrong.",
    ]);
  });

  it("calls chance what may be chance, and few questions few", () => {
    const { headline, sentences } = verdictOf(versions, summary("even", { questions: 12, low: -0.05, better: 1, worse: 0 }));
    expect(headline).toBe("No clear difference");
    expect(sentences.join(" ")).toContain("may be chance");
    expect(sentences.join(" ")).toContain("With few questions");
  });

  it("speaks of no difference where there is none", () => expect(verdictOf(versions, summary("even", { difference: 0, low: 0, high: 0, better: 0, worse: 0 })).sentences).toHaveLength(1));

  it("knows how many are right and wrong on both sides", () => expect(countsOf(summary("better", {}))).toEqual({ all: 120, better: 12, worse: 3, right: 87, wrong: 18 }));

  it("is drawn with its interval, which is also said", () => {
    const shown = page(renderToStaticMarkup(<Verdict run={{ ...versions } as GoldenRun} summary={summary("worse", { difference: -0.1, low: -0.2, high: -0.05 })} />));
    expect(shown.querySelector("[role=img]")?.getAttribute("aria-label")).toBe("Difference -10 points, between -20 and -5");
    expect(shown.textContent).toContain("Version 3 is worse");
  });

  it("tells how far a comparison is", () => {
    const shown = page(renderToStaticMarkup(<Progress run={{ state: "running", done: 34, total: 120 } as GoldenRun} />));
    expect(shown.querySelector("[role=meter]")?.getAttribute("aria-valuenow")).toBe("34");
    expect(shown.querySelector("[role=status]")?.textContent).toBe("34 of 120 questions asked");
  });
});

it.each([
  [{ difference: 0.1, low: 0.05, high: 0.15 }, "success", "62.5%", "25%"],
  [{ difference: -0.1, low: -0.2, high: -0.05 }, "danger", "0%", "37.5%"],
  [{ difference: 0, low: -0.1, high: 0.1 }, "neutral", "25%", "50%"],
])("draws the interval %o from the middle", (value, tone, from, wide) => {
  const range = page(renderToStaticMarkup(<IntervalBar value={value} scale={0.2} />)).querySelector<HTMLElement>("[data-tone]");
  expect(range?.dataset.tone).toBe(tone);
  const style = range?.getAttribute("style")?.replaceAll(" ", "");
  expect(style).toContain(`inset-inline-start:${from}`);
  expect(style).toContain(`inline-size:${wide}`);
});

it("sets both versions' ranks and scores beside each other", () => {
  const found = (...documents: [string, number, Record<string, number>][]) => ({ retrieval: { documents: documents.map(([id, score, legs]) => ({ documentId: id, title: id, score, legs })), chunks: [] } }) as unknown as AskResult;
  const all = documentsOf(found(["a", 3, { body: 2, title: 1, sum: 3 }], ["b", 1, { body: 1 }]), found(["b", 2, { body: 2 }], ["c", 1, { grams: 1 }], ["a", 0.5, { body: 0.5, pairs: 0.001 }]));
  expect(all.map((d) => [d.id, d.base?.rank ?? null, d.candidate?.rank ?? null])).toEqual([["b", 2, 1], ["a", 1, 3], ["c", null, 2]]);
  expect(legsOf(all[1] as (typeof all)[number])).toEqual([
    { leg: "score", base: 3, candidate: 0.5 },
    { leg: "body", base: 2, candidate: 0.5 },
    { leg: "title", base: 1, candidate: 0 },
  ]);
  expect(legsOf(all[2] as (typeof all)[number])[1]).toEqual({ leg: "grams", base: null, candidate: 1 });
});
