import { formatDuration, Pill, type Tone } from "@parley/ui";
import { humanize, label } from "@/lib/labels";
import { wt } from "@/strings/written";
import type { Attempt, Written } from "./written";
import classes from "./AnswerAttempts.module.css";

const words = wt.written;
const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 });
const dollars = new Intl.NumberFormat(undefined, { style: "currency", currency: "USD", maximumSignificantDigits: 3 });
const tone: Record<string, Tone> = { accept: "success", escalate: "info", give_up: "neutral", failed: "danger", refused: "warning" };

/** Who was asked, why, what became of it and what it cost, in words. */
export function AnswerAttempts({ written: w }: { written: Written }) {
  return (
    <div className={classes.attempts}>
      <p>{w.tier ? words.by(label(words.tier, w.tier), w.attempts.length, dollars.format(w.cost)) : words.none(label(words.fallback, w.fallback ?? ""), dollars.format(w.cost))}</p>
      {w.broken && <p className={classes.muted}>{words.broken}</p>}
      {w.attempts.length > 0 && (
        <ol className={classes.list}>
          {w.attempts.map((a, i) => (
            <li key={i} className={classes.attempt}>
              <div className={classes.top}>
                <strong>{label(wt.trace.tiers, a.tier)}</strong>
                {a.model && <code className={classes.model}>{a.model}</code>}
                <Pill tone={tone[a.verdict] ?? "neutral"}>{label(words.verdict, a.verdict)}</Pill>
              </div>
              <p>
                {label(words.reason, a.reason)} {outcome(a)}
              </p>
              {typeof a.confidence === "number" && <p>{words.draft(percent.format(a.confidence), a.kept, a.pieces)}</p>}
              {a.truncated && <p>{words.truncated}</p>}
              <p className={classes.muted}>
                {[typeof a.inputTokens === "number" && words.usage(a.inputTokens, a.cachedTokens ?? 0, a.outputTokens ?? 0), typeof a.cost === "number" && dollars.format(a.cost), formatDuration(a.latencyMs)].filter(Boolean).join(" · ")}
              </p>
              {a.onTheWay && a.onTheWay.length > 0 && <p className={classes.muted}>{words.onTheWay(a.onTheWay.map(humanize).join(", "))}</p>}
              {a.dropped && a.dropped.length > 0 && <p className={classes.muted}>{words.dropped(a.dropped.map(humanize).join(", "))}</p>}
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function outcome(a: Attempt): string {
  if (a.verdict === "refused") return words.budget(label(words.fallback, a.because));
  return a.verdict === "failed" ? words.fault(humanize(a.because)) : (words.because[a.because] ?? words.fault(humanize(a.because)));
}
