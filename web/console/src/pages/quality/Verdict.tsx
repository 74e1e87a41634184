import { Meter } from "@parley/ui";
import type { GoldenRun, GoldenSummary } from "@/api/quality";
import { qt } from "@/strings/quality";
import { IntervalBar, scaleOf } from "./IntervalBar.tsx";
import classes from "./Quality.module.css";
import { verdictOf } from "./verdict.ts";

const words = qt.quality.run;

/** The result of a comparison in plain words, with the difference and its interval. */
export function Verdict({ run, summary }: { run: GoldenRun; summary: GoldenSummary }) {
  const { headline, sentences } = verdictOf(run, summary);
  return (
    <div className={classes.verdict} data-verdict={summary.verdict}>
      <p className={classes.headline}>{headline}</p>
      <IntervalBar value={summary.all} scale={scaleOf([summary.all])} axis />
      {sentences.map((s) => (
        <p key={s}>{s}</p>
      ))}
    </div>
  );
}

/** How far a comparison is. */
export function Progress({ run }: { run: GoldenRun }) {
  return (
    <div className={classes.progress}>
      <Meter value={run.done} max={Math.max(1, run.total)} label={words.progressLabel} />
      <p role="status">{run.state === "queued" ? words.waiting : words.progress(run.done, run.total)}</p>
    </div>
  );
}
