import { Card, formatDuration, Markdown, Meter, Pill, type Tone } from "@parley/ui";
import { IconFileText } from "@parley/ui/icons";
import type { AskResult, Outcome } from "@/api/types";
import { humanize, label, languageName, reasonName } from "@/lib/labels";
import { AnswerAttempts } from "@/pages/conversations/AnswerAttempts";
import { SourceLink } from "@/pages/conversations/MessageView";
import { StepList } from "@/pages/conversations/TraceView";
import { writtenOf } from "@/pages/conversations/written";
import { t } from "@/strings";
import { wt } from "@/strings/written";
import classes from "./Playground.module.css";

const words = t.assistant;
const outcomeTone: Record<Outcome, Tone> = { answered: "success", clarified: "info", abstained: "warning", handed_off: "warning", small_talk: "neutral" };
const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });

export function AnswerView({ question, result: r }: { question: string; result: AskResult }) {
  const above = r.confidence !== null && r.confidence >= r.threshold;
  const total = r.timingsMs.total;
  const written = writtenOf(r.steps);
  return (
    <div className={classes.stack}>
      <Card
        title={question}
        actions={
          <span className={classes.pills}>
            <Pill tone={outcomeTone[r.outcome]}>{label(t.conversation.outcome, r.outcome)}</Pill>
            {total !== undefined && <Pill>{formatDuration(total)}</Pill>}
          </span>
        }
      >
        <div className={classes.answer}>{r.answer ? <Markdown text={r.answer} mark={(n) => <Mark n={n} result={r} />} /> : <p className={classes.muted}>{words.noAnswer}</p>}</div>
        {r.citations.length > 0 && (
          <ol className={classes.citations} aria-label={words.sources}>
            {r.citations.map((c, i) => (
              <li key={i}>
                <span className={classes.number}>{i + 1}</span>
                <div>
                  <SourceLink citation={c} className={classes.sourceLink}>
                    <IconFileText size={14} aria-hidden />
                    {c.title}
                  </SourceLink>
                  <q className={classes.quote}>{c.quote}</q>
                </div>
              </li>
            ))}
          </ol>
        )}
        {r.confidence !== null && (
          <div className={classes.confidence}>
          <div className={classes.confidenceTop}>
            <span>{wt.trace.confidence}</span>
            <strong>{percent.format(r.confidence)}</strong>
          </div>
          <Meter value={r.confidence} mark={r.threshold} tone={above ? "success" : "warning"} label={wt.trace.confidence} />
          <p className={classes.muted}>
            {above ? words.confidenceAbove : words.confidenceBelow} ({wt.trace.threshold.toLocaleLowerCase()} {percent.format(r.threshold)})
          </p>
        </div>
        )}
        {r.handoffReasons.length > 0 && (
          <div className={classes.handoff}>
            <span>{t.conversation.handoff}</span>
            {r.handoffReasons.map((reason) => (
              <Pill key={reason} tone="warning">
                {reasonName(reason)}
              </Pill>
            ))}
          </div>
        )}
      </Card>
      {written && (
        <Card title={wt.trace.models}>
          <AnswerAttempts written={written} />
        </Card>
      )}
      {r.analysis && (
      <Card title={words.analysis}>
        <dl className={classes.facts}>
          <Fact name={wt.trace.language} value={languageName(r.analysis.language)} />
          <Fact name={wt.trace.intent} value={humanize(r.analysis.intent)} />
          <Fact name={wt.trace.questionType} value={humanize(r.analysis.questionType)} />
          <Fact name={wt.trace.sentiment} value={humanize(r.analysis.sentiment)} />
          <Fact name={wt.trace.complexity} value={percent.format(r.analysis.complexity)} />
          <Fact name={wt.trace.tier} value={label(wt.trace.tiers, r.tier ?? "")} />
        </dl>
      </Card>
      )}
      <Card title={words.timings}>
        <StepList steps={r.steps} />
      </Card>
    </div>
  );
}

/** A mark in the answer leads to its source; one without a source stays what it was written as. */
function Mark({ n, result }: { n: number; result: AskResult }) {
  const citation = result.citations[n - 1];
  if (!citation) return `[${n}]`;
  return (
    <SourceLink citation={citation} className={classes.mark} title={citation.quote} ariaLabel={t.conversation.source(n, citation.title)}>
      {n}
    </SourceLink>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  if (!value) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
