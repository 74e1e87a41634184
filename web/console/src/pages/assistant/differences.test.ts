import { expect, it } from "vitest";
import type { AskResult } from "@/api/types";
import { differences } from "./differences.ts";

const answer = (over: object) => ({ outcome: "answered", confidence: 0.8, threshold: 0.6, answer: "For 30 days.", citations: [{ documentId: "a", title: "Refunds" }], ...over }) as unknown as AskResult;

it("finds nothing between two like answers, and nothing that nobody can see", () => {
  expect(differences(answer({}), answer({ confidence: 0.80004 }))).toMatchObject({ same: true, lost: [], gained: [] });
});

it("names what is not the same", () => {
  const d = differences(answer({}), answer({ outcome: "abstained", confidence: null, threshold: 1, answer: "I found nothing.", citations: [{ documentId: "b", title: "Seats" }] }));
  expect(d).toEqual({ same: false, outcome: true, confidence: true, threshold: true, text: true, lost: ["Refunds"], gained: ["Seats"] });
});
