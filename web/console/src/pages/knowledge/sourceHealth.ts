import type { Tone } from "@parley/ui";
import type { Canary, Source } from "@/api/types";
import { label } from "@/lib/labels";
import { kt } from "@/strings/knowledge";
import { importTone, isUnfinished } from "./importState.ts";
import { isFailing } from "./useCanary.ts";

const words = kt.knowledge;

/** `rank`: the lower, the more pressing. `since` and `detail`: when it began, and why. */
export type Health = { rank: number; tone: Tone; name: string; since?: string; detail?: string };

/** What a source's owner must know first, in one word and at most one sentence. */
export function health(s: Pick<Source, "state" | "lastImport" | "freshness">, canary?: Canary): Health {
  const { failingSince, failure, pagesFailing, pagesGone } = s.freshness;
  const last = s.lastImport;
  const gone = pagesGone > 0 ? { detail: words.health.pagesGone(pagesGone) } : {};
  if (last && isUnfinished(last.state)) return { rank: 2, tone: "info", name: label(words.importState, last.state) };
  if (failingSince) return { rank: 0, tone: "danger", name: words.health.failing, since: failingSince, ...(failure && { detail: failure }) };
  if (last?.state === "failed") return { rank: 0, tone: "danger", name: label(words.importState, "failed") };
  if (isFailing(canary)) return { rank: 0, tone: "danger", name: words.canary.failing, ...(canary?.failingSince && { since: canary.failingSince }), ...(canary && { detail: canary.question }) };
  if (s.state !== "active") return { rank: 3, tone: "warning", name: label(words.sourceState, s.state), ...gone };
  if (pagesFailing > 0) return { rank: 1, tone: "warning", name: words.health.pagesFail(pagesFailing), ...gone };
  if (!last) return { rank: 4, tone: "neutral", name: words.noImport };
  return { rank: 5, tone: importTone[last.state], name: label(words.importState, last.state), ...gone };
}
