import { qt } from "@/strings/quality";
import classes from "./Quality.module.css";
import { points } from "./verdict.ts";

type Interval = { difference: number; low: number; high: number };

/** Round half-widths of the bar; the smallest is such that a hair's breadth does not fill it. */
const steps = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75];

/** The half-width at which all of them fit. */
export function scaleOf(all: readonly Interval[]): number {
  const widest = Math.max(0, ...all.flatMap((x) => [Math.abs(x.low), Math.abs(x.high), Math.abs(x.difference)]));
  return steps.find((s) => widest <= s) ?? 1;
}

/** A difference and its 95 % interval around zero. */
export function IntervalBar({ value: v, scale, axis = false }: { value: Interval; scale: number; axis?: boolean }) {
  const share = (n: number) => `${Math.round(Math.max(0, Math.min(100, n)) * 100) / 100}%`;
  const at = (n: number) => share(50 + (n / scale) * 50);
  const tone = v.low > 0 ? "success" : v.high < 0 ? "danger" : "neutral";
  return (
    <span className={classes.interval} data-axis={axis || undefined}>
      <span className={classes.track} role="img" aria-label={qt.quality.run.interval(points(v.difference), points(v.low), points(v.high))}>
        <span className={classes.zero} />
        <span className={classes.range} data-tone={tone} style={{ insetInlineStart: at(v.low), inlineSize: share(((v.high - v.low) / scale) * 50) }} />
        <span className={classes.point} data-tone={tone} style={{ insetInlineStart: at(v.difference) }} />
      </span>
      {axis && (
        <span className={classes.axis} aria-hidden>
          <span>{points(-scale)}</span>
          <span>{points(0)}</span>
          <span>{`${points(scale)} ${qt.quality.run.axis}`}</span>
        </span>
      )}
    </span>
  );
}
