import { expect, it } from "vitest";
import type { CostReport, CostSums } from "@/api/costs";
import { readCsv } from "@/lib/csv";
import { rowsCsv } from "./exportCsv.ts";

const sums = (cost: number): CostSums => ({ calls: 2, inputTokens: 10, outputTokens: 3, cachedTokens: 4, cacheWriteTokens: 0, units: 0, cost, unsettledCalls: 0, unsettledCost: 0 });
const report: CostReport = {
  from: "2026-03-01", to: "2026-03-02", by: "model", rest: sums(0.000000001), total: sums(1.500000001), before: sums(0),
  rows: [{ ...sums(1.5), key: "m", label: "=Model", provider: "p", part: null }],
};

it("writes numbers to the last digit and names no formula", () => {
  const { rows } = readCsv(rowsCsv(report));
  expect(rows.map((r) => [r[0], r[8]])).toEqual([["model", "cost_usd"], ["'=Model", "1.5"], ["others", "0.000000001"], ["total", "1.500000001"]]);
});
