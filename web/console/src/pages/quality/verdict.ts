import type { GoldenRun, GoldenSummary } from "@/api/quality";
import { qt } from "@/strings/quality";

const words = qt.quality.run;
const few = 30;
const share = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 });
const signed = new Intl.NumberFormat(undefined, { signDisplay: "exceptZero", maximumFractionDigits: 1 });

export const percent = (n: number) => share.format(n);
/** A difference of shares in percentage points. */
export const points = (n: number) => signed.format(n * 100);

export const nameOf = (version: number) => qt.quality.version(version);
export const titleOf = (run: Pick<GoldenRun, "baseVersion" | "candidateVersion">) => qt.quality.against(nameOf(run.candidateVersion), nameOf(run.baseVersion));

/** The result as a person would say it: a headline, and the sentences under it. */
export function verdictOf(run: Pick<GoldenRun, "baseVersion" | "candidateVersion">, summary: GoldenSummary): { headline: string; sentences: string[] } {
  const { all } = summary;
  const [candidate, base] = [nameOf(run.candidateVersion), nameOf(run.baseVersion)];
  const same = all.better === 0 && all.worse === 0;
  const difference = (summary.verdict === "even" ? words.chance : words.certain)(points(all.difference), points(all.low), points(all.high));
  return {
    headline: words.headline[same ? "same" : summary.verdict](candidate),
    sentences: [words.shares(candidate, percent(all.candidate), base, percent(all.base), all.questions), ...(same ? [] : [difference, words.moves(all.better, all.worse)]), ...(all.questions < few ? [words.few] : [])],
  };
}

/** How many questions are right or wrong on both sides follows from the shares. */
export function countsOf({ all }: GoldenSummary): Record<"all" | "better" | "worse" | "right" | "wrong", number> {
  const right = Math.round(all.base * all.questions) - all.worse;
  return { all: all.questions, better: all.better, worse: all.worse, right, wrong: all.questions - right - all.better - all.worse };
}
