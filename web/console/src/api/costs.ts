/** What paid calls cost, and the budget: apart from the other calls, so that only their own pages fetch them. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get, post, put } from "./http.ts";
import { paged } from "./queries.ts";
import type { components } from "./schema.gen.ts";
import type { Whole } from "./shapes.ts";

type V<K extends keyof components["schemas"]> = Whole<components["schemas"][K]>;
type Sig = { signal?: AbortSignal };

export type CostSums = V<"CostSums">;
export type CostRow = V<"CostRow">;
export type CostReport = V<"CostReport">;
export type CostCall = V<"CostCall">;
export type CostBaseline = V<"CostBaseline">;
export type CostForecast = V<"CostForecast">;
export type CostAnomaly = V<"CostAnomaly">;
export type BudgetSettings = V<"BudgetSettings">;
export type BudgetState = V<"BudgetState">;
export type BudgetAlert = V<"BudgetAlert">;
export type Budget = V<"BudgetView">;
export type BudgetVersion = V<"BudgetVersion">;

/** What the calls have in common; each is a filter of the same name. */
export const dimensions = ["service", "provider", "model", "feature", "assistant", "tier", "day", "conversation"] as const;
export type Dimension = (typeof dimensions)[number];

export type CostFilter = { from?: string; to?: string; service?: string; provider?: string; model?: string; feature?: string; assistant?: string; tier?: string; conversation?: string };
export type CallFilter = CostFilter & { turn?: string; settled?: boolean };

export const costs = {
  report: (query: CostFilter & { by: Dimension; split?: string }, s?: Sig): Promise<CostReport> => get("/v1/costs", { query, ...s }),
  calls: (query: CallFilter & { cursor?: string | undefined; limit?: number }, s?: Sig): Promise<{ items: CostCall[]; next: string | null }> => get("/v1/costs/calls", { query, ...s }),
  savings: (query: CostFilter, s?: Sig): Promise<{ baselines: CostBaseline[] }> => get("/v1/costs/savings", { query, ...s }),
  forecast: (s?: Sig): Promise<CostForecast> => get("/v1/costs/forecast", s),
  anomalies: async (s?: Sig): Promise<CostAnomaly[]> => (await get("/v1/costs/anomalies", s)).items,
  budget: (s?: Sig): Promise<Budget> => get("/v1/budget", s),
  alerts: async (s?: Sig): Promise<BudgetAlert[]> => (await get("/v1/budget/alerts", s)).items,
  versions: async (s?: Sig): Promise<BudgetVersion[]> => (await get("/v1/budget/versions", s)).items,
  save: (settings: BudgetSettings, basedOn: number): Promise<Budget> => put("/v1/budget", { body: { settings, basedOn } }),
  /** An earlier version; 0: as shipped. */
  publish: (version: number): Promise<Budget> => post("/v1/budget/publish", { body: { version } }),
};

export const costQueries = {
  report: (query: CostFilter & { by: Dimension; split?: string }) =>
    queryOptions({ queryKey: ["costs", query] as const, queryFn: ({ signal }) => costs.report(query, { signal }), placeholderData: keepPreviousData }),
  calls: (filter: CallFilter) =>
    infiniteQueryOptions({
      queryKey: ["cost-calls", filter] as const,
      queryFn: ({ pageParam, signal }) => costs.calls({ ...filter, cursor: pageParam, limit: 100 }, { signal }),
      ...paged,
      placeholderData: keepPreviousData,
    }),
  savings: (query: CostFilter) => queryOptions({ queryKey: ["cost-savings", query] as const, queryFn: ({ signal }) => costs.savings(query, { signal }), placeholderData: keepPreviousData }),
  forecast: queryOptions({ queryKey: ["cost-forecast"], queryFn: ({ signal }) => costs.forecast({ signal }) }),
  anomalies: queryOptions({ queryKey: ["cost-anomalies"], queryFn: ({ signal }) => costs.anomalies({ signal }) }),
  // What is spent meanwhile is not on the feed.
  budget: queryOptions({ queryKey: ["budget"], queryFn: ({ signal }) => costs.budget({ signal }), refetchInterval: 15_000 }),
  alerts: queryOptions({ queryKey: ["budget-alerts"], queryFn: ({ signal }) => costs.alerts({ signal }) }),
  versions: queryOptions({ queryKey: ["budget-versions"], queryFn: ({ signal }) => costs.versions({ signal }) }),
};
