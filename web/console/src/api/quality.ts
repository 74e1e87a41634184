/** Golden questions, their comparisons and the versions of an assistant: apart from the other calls, so that only their own pages fetch them. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { as } from "./calls.ts";
import { get, post, put, remove, request } from "./http.ts";
import { paged } from "./queries.ts";
import type { components } from "./schema.gen.ts";
import type { Refine, Whole } from "./shapes.ts";
import type { AskResult, AssistantProfile, Outcome, Page } from "./types.ts";

type V<K extends keyof components["schemas"]> = Whole<components["schemas"][K]>;

export const outcomes = ["answered", "clarified", "abstained", "handed_off", "small_talk"] as const;
export const categories = ["simple", "moderate", "complex", "edge"] as const;
export const changes = ["better", "worse", "right", "wrong"] as const;
export type Category = (typeof categories)[number];
export type Change = (typeof changes)[number];

export type GoldenQuestion = Refine<V<"GoldenQuestionView">, { expectedOutcome: Outcome; category: Category }>;
export type GoldenFacets = V<"GoldenFacets">;
export type GoldenDifference = V<"GoldenDifference">;
export type GoldenGroup = V<"GoldenGroup">;
export type GoldenSummary = Refine<V<"GoldenSummary">, { verdict: "better" | "worse" | "even" }>;
export type GoldenRun = Refine<V<"GoldenRunView">, { state: "queued" | "running" | "done" | "failed"; summary: GoldenSummary | null }>;
type Verdict = Refine<V<"GoldenVerdict">, { outcome: Outcome }>;
export type GoldenResult = Refine<V<"GoldenResultView">, { expectedOutcome: Outcome; change: Change; base: Verdict; candidate: Verdict }>;
export type GoldenMoves = V<"GoldenMoves">;
export type GoldenRunsCompared = { before: GoldenRun; after: GoldenRun; moves: GoldenMoves; items: GoldenResult[]; next: string | null };
export type GoldenExplanation = { question: GoldenQuestion; base: AskResult; candidate: AskResult };
export type AssistantVersion = V<"AssistantVersion">;

export type GoldenRequest = {
  question: string;
  expectedOutcome?: string;
  expectedAnswer?: string;
  expectedDocumentId?: string;
  expectedDocument?: string;
  category?: string;
  language?: string;
  tags?: string[];
  tier?: string;
  sourceConversationId?: string;
};
export type GoldenFilter = { q?: string | undefined; category?: string | undefined; language?: string | undefined; tag?: string | undefined; outcome?: string | undefined };
export type StartRun = { assistantId?: string; baseVersion?: number; candidateVersion?: number; candidate?: AssistantProfile; category?: string; language?: string; tag?: string };

type Sig = { signal?: AbortSignal };

export const golden = {
  list: (query: GoldenFilter & { cursor?: string | undefined; limit?: number }, s?: Sig) => as<Page<GoldenQuestion>>(get("/v1/quality/golden-questions", { query, ...s })),
  facets: (s?: Sig) => get("/v1/quality/golden-questions/facets", s),
  add: (body: GoldenRequest) => as<GoldenQuestion>(post("/v1/quality/golden-questions", { body })),
  addAll: (items: GoldenRequest[], dryRun: boolean) => request<{ added: number }>("post", "/v1/quality/golden-questions/bulk", { body: { items, dryRun } }),
  change: (id: string, body: GoldenRequest) => as<GoldenQuestion>(put("/v1/quality/golden-questions/{id}", { path: { id }, body })),
  remove: (id: string) => remove("/v1/quality/golden-questions/{id}", { path: { id } }),
  runs: (query: { cursor?: string | undefined }, s?: Sig) => as<Page<GoldenRun>>(get("/v1/quality/golden-runs", { query, ...s })),
  start: (body: StartRun) => as<GoldenRun>(post("/v1/quality/golden-runs", { body })),
  run: (id: string, s?: Sig) => as<GoldenRun>(get("/v1/quality/golden-runs/{id}", { path: { id }, ...s })),
  removeRun: (id: string) => remove("/v1/quality/golden-runs/{id}", { path: { id } }),
  results: (id: string, query: { change?: string | undefined; cursor?: string | undefined }, s?: Sig) => as<Page<GoldenResult>>(get("/v1/quality/golden-runs/{id}/results", { path: { id }, query, ...s })),
  since: (id: string, goldenRunId: string, query: { change?: string | undefined; cursor?: string | undefined }, s?: Sig) =>
    as<GoldenRunsCompared>(get("/v1/quality/golden-runs/{id}/since/{goldenRunId}", { path: { id, goldenRunId }, query, ...s })),
  explain: (id: string, goldenQuestionId: string, s?: Sig) => as<GoldenExplanation>(get("/v1/quality/golden-runs/{id}/results/{goldenQuestionId}", { path: { id, goldenQuestionId }, ...s })),
};

export const versions = {
  list: (id: string, s?: Sig) => get("/v1/assistants/{id}/versions", { path: { id }, ...s }),
  one: (id: string, version: number, s?: Sig) => get("/v1/assistants/{id}/versions/{version}", { path: { id, version }, ...s }),
  save: (id: string, body: { profile: AssistantProfile; note?: string }) => post("/v1/assistants/{id}/versions", { path: { id }, body }),
  publish: (id: string, body: { version: number; withoutComparison: boolean }) => post("/v1/assistants/{id}/publish", { path: { id }, body }),
};

/** Every golden question, page by page. */
export async function allQuestions(filter: GoldenFilter): Promise<GoldenQuestion[]> {
  const out: GoldenQuestion[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<GoldenQuestion> = await golden.list({ ...filter, cursor, limit: 200 });
    out.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor);
  return out;
}

export const isGoing = (run: GoldenRun | undefined) => run?.state === "queued" || run?.state === "running";

export const qualityQueries = {
  questions: (filter: GoldenFilter) =>
    infiniteQueryOptions({
      queryKey: ["golden-questions", filter] as const,
      queryFn: ({ pageParam, signal }) => golden.list({ ...filter, cursor: pageParam }, { signal }),
      ...paged,
      placeholderData: keepPreviousData,
    }),
  facets: queryOptions({ queryKey: ["golden-facets"], queryFn: ({ signal }) => golden.facets({ signal }) }),
  runs: infiniteQueryOptions({
    queryKey: ["golden-runs"] as const,
    queryFn: ({ pageParam, signal }) => golden.runs({ cursor: pageParam }, { signal }),
    ...paged,
    // Comparisons are not on the feed.
    refetchInterval: ({ state }) => (state.data?.pages.some((p) => p.items.some(isGoing)) ? 2_000 : false),
  }),
  run: (id: string) =>
    queryOptions({
      queryKey: ["golden-run", id],
      queryFn: ({ signal }) => golden.run(id, { signal }),
      refetchInterval: ({ state }) => (isGoing(state.data) ? 1_000 : false),
    }),
  results: (id: string, change: string | undefined) =>
    infiniteQueryOptions({
      queryKey: ["golden-results", id, change] as const,
      queryFn: ({ pageParam, signal }) => golden.results(id, { change, cursor: pageParam }, { signal }),
      ...paged,
      placeholderData: keepPreviousData,
    }),
  difference: (before: string, after: string, change: string | undefined) =>
    infiniteQueryOptions({
      queryKey: ["golden-difference", before, after, change] as const,
      queryFn: ({ pageParam, signal }) => golden.since(after, before, { change, cursor: pageParam }, { signal }),
      ...paged,
      placeholderData: keepPreviousData,
    }),
  explanation: (id: string, questionId: string) =>
    queryOptions({ queryKey: ["golden-explanation", id, questionId], queryFn: ({ signal }) => golden.explain(id, questionId, { signal }), staleTime: 60_000 }),
  versions: (assistantId: string) => queryOptions({ queryKey: ["assistant-versions", assistantId], queryFn: ({ signal }) => versions.list(assistantId, { signal }) }),
  version: (assistantId: string, version: number) =>
    queryOptions({ queryKey: ["assistant-version", assistantId, version], queryFn: ({ signal }) => versions.one(assistantId, version, { signal }), staleTime: Infinity }),
};
