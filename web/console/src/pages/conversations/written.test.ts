import { expect, it } from "vitest";
import { writtenOf } from "./written";

const step = (name: string, data: Record<string, unknown>) => ({ name, durationUs: 1, data });

it("finds what models contributed, and nothing where none could have", () => {
  expect(writtenOf([step("generate", { tier: "extractive", confidence: 0.9 }), step("verify", {})])).toBeNull();
  const attempts = [{ tier: "small", reason: "complexity", verdict: "accept", because: "accepted", kept: 1, pieces: 1, latencyMs: 3 }];
  expect(writtenOf([step("generate", { tier: "extractive" }), step("generate", { tier: "small", cost: 0.002, attempts, broken: true }), step("verify", {})])).toEqual({ tier: "small", fallback: null, cost: 0.002, attempts, broken: true });
  expect(writtenOf([step("generate", { tier: "extractive", fallback: "tenant_day", attempts: [] })])).toMatchObject({ tier: null, fallback: "tenant_day", cost: 0 });
});
