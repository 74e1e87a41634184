import type { Step } from "@/api/types";

/** A call to a model, as the trace keeps it and as the playground gets it. */
export type Attempt = {
  tier: string;
  model?: string | null;
  provider?: string | null;
  reason: string;
  verdict: string;
  because: string;
  confidence?: number | null;
  kept: number;
  pieces: number;
  inputTokens?: number | null;
  cachedTokens?: number | null;
  outputTokens?: number | null;
  cost?: number | null;
  latencyMs: number;
  truncated?: boolean;
  dropped?: string[] | null;
  onTheWay?: string[] | null;
};

/** What models contributed to an answer. */
export type Written = { tier: string | null; fallback: string | null; cost: number; attempts: Attempt[]; broken?: boolean };

/** Of a turn's steps: the one in which models wrote; null where none could have. */
export function writtenOf(steps: readonly Step[]): Written | null {
  const data = steps.findLast((s) => s.name === "generate" && ("attempts" in s.data || "fallback" in s.data))?.data;
  if (!data) return null;
  const tier = typeof data.tier === "string" && data.tier !== "extractive" ? data.tier : null;
  return {
    tier,
    fallback: typeof data.fallback === "string" ? data.fallback : null,
    cost: typeof data.cost === "number" ? data.cost : 0,
    attempts: Array.isArray(data.attempts) ? (data.attempts as Attempt[]) : [],
    broken: data.broken === true,
  };
}
