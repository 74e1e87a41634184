/** What the confidence is worth, and what people say of answers: apart from the other calls, so that only their own pages fetch them. */
import { queryOptions } from "@tanstack/react-query";
import { get, post, put, remove } from "./http.ts";
import type { components } from "./schema.gen.ts";
import type { Whole } from "./shapes.ts";

type V<K extends keyof components["schemas"]> = Whole<components["schemas"][K]>;
type Sig = { signal?: AbortSignal };

export type CalibrationView = V<"CalibrationView">;
export type Confidence = V<"ConfidenceReport">;
export type ThresholdOutcome = V<"ThresholdOutcome">;
export type Judgement = V<"JudgementView">;

export const confidence = {
  report: (s?: Sig): Promise<Confidence> => get("/v1/quality/confidence", s),
  /** A proposal as it was seen, or an earlier version (0: as shipped). */
  publish: (body: { evidence?: string; version?: number }): Promise<Confidence> => post("/v1/quality/confidence/publish", { body }),
  judgements: async (conversationId: string, s?: Sig): Promise<Judgement[]> => (await get("/v1/conversations/{id}/judgements", { path: { id: conversationId }, ...s })).items,
  judge: (turnId: string, isRight: boolean): Promise<Judgement> => put("/v1/turns/{id}/judgement", { path: { id: turnId }, body: { isRight } }),
  unjudge: (turnId: string) => remove("/v1/turns/{id}/judgement", { path: { id: turnId } }),
};

export const confidenceQueries = {
  report: queryOptions({ queryKey: ["confidence"], queryFn: ({ signal }) => confidence.report({ signal }) }),
  judgements: (conversationId: string) => queryOptions({ queryKey: ["judgements", conversationId], queryFn: ({ signal }) => confidence.judgements(conversationId, { signal }) }),
};
