import { costs, type CallFilter, type CostCall, type CostReport } from "@/api/costs";
import { writeCsv } from "@/lib/csv";

/** A browser keeps so many in memory without trouble. */
export const maxExported = 50_000;

// Not in the machine's own way of writing numbers: 1e-9 is one to few spreadsheets.
const decimal = (n: number) => (Number.isInteger(n) ? String(n) : n.toFixed(9).replace(/0+$/, ""));

export function rowsCsv(report: CostReport): string {
  const sums = (r: CostReport["total"]) => [r.calls, r.inputTokens, r.outputTokens, r.cachedTokens, r.cacheWriteTokens, r.units, r.cost, r.unsettledCalls, r.unsettledCost].map(decimal);
  return writeCsv([
    [report.by, "provider", "calls", "input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens", "units", "cost_usd", "unsettled_calls", "unsettled_cost_usd"],
    ...report.rows.map((r) => [r.label ?? r.key ?? "none", r.provider ?? "", ...sums(r)]),
    ...(report.rest.calls > 0 ? [["others", "", ...sums(report.rest)]] : []),
    ["total", "", ...sums(report.total)],
  ]);
}

export function callsCsv(calls: readonly CostCall[]): string {
  const nothing = (value: string | number | null) => (value === null ? "" : typeof value === "number" ? decimal(value) : value);
  return writeCsv([
    ["at", "id", "service", "provider", "model", "feature", "tier", "assistant", "conversation", "turn", "input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens", "units", "cost_usd", "settled", "batch", "latency_ms", "cost_large_usd", "cost_uncached_usd"],
    ...calls.map((c) =>
      [
        c.at, c.id, c.service, c.provider, c.model, c.feature, c.tier, c.assistantId, c.conversationId, c.turnId, c.inputTokens, c.outputTokens, c.cachedTokens, c.cacheWriteTokens, c.units, c.cost,
        c.settled ? "yes" : "no", c.batch ? "yes" : "no", c.latencyMs, c.costLarge, c.costUncached,
      ].map(nothing),
    ),
  ]);
}

/** All calls of a filter, the last first; false: there are more than are kept. */
export async function allCalls(filter: CallFilter, progress: (n: number) => void): Promise<{ calls: CostCall[]; whole: boolean }> {
  const calls: CostCall[] = [];
  let cursor: string | undefined;
  do {
    const page = await costs.calls({ ...filter, cursor, limit: 200 });
    calls.push(...page.items);
    progress(calls.length);
    cursor = page.next ?? undefined;
  } while (cursor && calls.length < maxExported);
  return { calls, whole: !cursor };
}

export function download(name: string, text: string) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
}
