import type { AskResult } from "@/api/types";

/** What two answers to one question do not share. */
export function differences(before: AskResult, after: AskResult) {
  const titles = (r: AskResult) => [...new Map(r.citations.map((c) => [c.documentId, c.title])).entries()];
  const only = (a: AskResult, b: AskResult) => titles(a).filter(([id]) => !titles(b).some(([other]) => other === id)).map(([, title]) => title);
  const found = {
    outcome: before.outcome !== after.outcome,
    // As it is shown: a difference that nobody can see is none.
    confidence: rounded(before.confidence) !== rounded(after.confidence),
    threshold: rounded(before.threshold) !== rounded(after.threshold),
    text: before.answer !== after.answer,
    lost: only(before, after),
    gained: only(after, before),
  };
  return { ...found, same: !found.outcome && !found.confidence && !found.threshold && !found.text && found.lost.length + found.gained.length === 0 };
}

const rounded = (n: number | null) => (n === null ? null : Math.round(n * 1000));
