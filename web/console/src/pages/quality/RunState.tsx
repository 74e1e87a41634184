import { Pill, type Tone } from "@parley/ui";
import type { GoldenRun } from "@/api/quality";
import { label, languageName } from "@/lib/labels";
import { qt } from "@/strings/quality";

const words = qt.quality.run;
const tone: Record<string, Tone> = { better: "success", worse: "danger", even: "neutral", queued: "info", running: "info", failed: "danger" };

/** How a comparison ended, or how far it is. */
export function stateOf(r: GoldenRun): { name: string; tone: Tone } {
  const state = r.state === "done" && r.summary ? r.summary.verdict : r.state;
  return { name: words.verdict[state] ?? label(words.state, state), tone: tone[state] ?? "neutral" };
}

export function RunState({ run: r }: { run: GoldenRun }) {
  const { name, tone: shown } = stateOf(r);
  return <Pill tone={shown}>{name}</Pill>;
}

/** Which questions it was confined to. */
export function onlyOf(r: Pick<GoldenRun, "category" | "language" | "tag">): string | null {
  const parts = [r.category && label(qt.quality.categories, r.category), r.language && languageName(r.language), r.tag].filter(Boolean);
  return parts.length > 0 ? words.only(parts.join(", ")) : null;
}
