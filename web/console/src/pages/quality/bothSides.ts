import type { AskResult } from "@/api/types";

type Found = { rank: number; score: number; legs: Record<string, number> };
/** A document as either version ranked it; null: that version did not find it. */
export type BothDocument = { id: string; title: string; base: Found | null; candidate: Found | null };

const most = 8;

/** What either version found, the candidate's order first, then what only the other has. */
export function documentsOf(base: AskResult, candidate: AskResult): BothDocument[] {
  const all = new Map<string, BothDocument>();
  for (const [side, result] of [["candidate", candidate], ["base", base]] as const)
    result.retrieval.documents.forEach((d, i) => {
      const found = { rank: i + 1, score: d.score, legs: d.legs ?? {} };
      const known = all.get(d.documentId) ?? { id: d.documentId, title: d.title, base: null, candidate: null };
      all.set(d.documentId, { ...known, [side]: found });
    });
  const best = (d: BothDocument) => Math.min(d.base?.rank ?? Infinity, d.candidate?.rank ?? Infinity);
  return [...all.values()].sort((a, b) => best(a) - best(b)).slice(0, most);
}

type Leg = { leg: string; base: number | null; candidate: number | null };

/** The score and the parts of it that are not nothing on both sides. */
export function legsOf(d: BothDocument): Leg[] {
  const names = [...new Set([...Object.keys(d.base?.legs ?? {}), ...Object.keys(d.candidate?.legs ?? {})])].filter((leg) => leg !== "sum");
  const of = (side: Found | null, leg: string) => (side ? (side.legs[leg] ?? 0) : null);
  const matters = (r: Leg) => Math.abs(r.base ?? 0) >= 0.005 || Math.abs(r.candidate ?? 0) >= 0.005;
  return [{ leg: "score", base: d.base?.score ?? null, candidate: d.candidate?.score ?? null }, ...names.map((leg) => ({ leg, base: of(d.base, leg), candidate: of(d.candidate, leg) })).filter(matters)];
}

/** The longest bar: the best score on either side. */
export const longest = (all: readonly BothDocument[]) => Math.max(0, ...all.flatMap((d) => [d.base?.score ?? 0, d.candidate?.score ?? 0]));
