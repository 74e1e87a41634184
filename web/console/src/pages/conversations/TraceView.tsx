import { ErrorState, formatDuration, ListSkeleton, Meter, Pill } from "@parley/ui";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Step } from "@/api/types";
import { humanize, label, languageName } from "@/lib/labels";
import { usedSources } from "@/lib/messages";
import { t } from "@/strings";
import { wt } from "@/strings/written";
import { AnswerAttempts } from "./AnswerAttempts";
import { writtenOf } from "./written";
import classes from "./TraceView.module.css";

const words = wt.trace;
const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 });

export function TraceView({ turnId, conversationId }: { turnId: string; conversationId: string }) {
  const turn = useQuery(queries.turn(turnId));
  const messages = useQuery(queries.messages(conversationId));
  // A trace keeps ids only; the messages of the conversation know the names of what they quote.
  const titles = new Map(usedSources(messages.data ?? []).map((s) => [s.documentId, s.title]));
  if (turn.isPending) return <ListSkeleton rows={8} height={36} />;
  if (turn.isError) return <ErrorState compact detail={explain(turn.error)} onRetry={() => void turn.refetch()} />;
  const x = turn.data;
  const written = writtenOf(x.steps);
  return (
    <div className={classes.trace}>
      <dl className={classes.facts}>
        {x.outcome && (
          <Fact name={words.outcome}>
            <Pill tone={x.outcome === "answered" ? "success" : "neutral"}>{label(t.conversation.outcome, x.outcome)}</Pill>
          </Fact>
        )}
        {x.confidence !== null && (
          <Fact name={words.confidence}>
            <span className={classes.meter}>
              {percent.format(x.confidence)}
              <Meter size="sm" value={x.confidence} label={words.confidence} />
            </span>
          </Fact>
        )}
        {x.tier && <Fact name={words.tier}>{label(words.tiers, x.tier)}</Fact>}
        {x.language && <Fact name={words.language}>{languageName(x.language)}</Fact>}
        {x.intent && <Fact name={words.intent}>{humanize(x.intent)}</Fact>}
      </dl>
      {written && (
        <section className={classes.section}>
          <h3 className={classes.heading}>{words.models}</h3>
          <AnswerAttempts written={written} />
        </section>
      )}
      <section className={classes.section}>
        <h3 className={classes.heading}>{words.steps}</h3>
        <StepList steps={x.steps} />
      </section>
      <section className={classes.section}>
        <h3 className={classes.heading}>{words.evidence}</h3>
        {x.evidence.length === 0 ? (
          <p className={classes.muted}>{words.evidenceEmpty}</p>
        ) : (
          <ul className={classes.evidence}>
            {x.evidence.map((e) => (
              <li key={e.chunkId}>
                <EvidenceLink documentId={e.documentId} chunkId={e.chunkId} title={titles.get(e.documentId)} />
                <span>{e.score.toFixed(3)}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
      {Object.keys(x.versions).length > 0 && (
        <section className={classes.section}>
          <h3 className={classes.heading}>{words.versions}</h3>
          <dl className={classes.facts}>
            {Object.entries(x.versions).map(([k, v]) => (
              <Fact key={k} name={humanize(k)}>
                <span className={classes.mono}>{typeof v === "object" ? JSON.stringify(v) : String(v)}</span>
              </Fact>
            ))}
          </dl>
        </section>
      )}
      <p className={classes.id}>
        {words.id} <code>{x.id}</code>
      </p>
    </div>
  );
}

/** A document that no message names is asked for its title; one that is gone is said to be. */
function EvidenceLink({ documentId, chunkId, title }: { documentId: string; chunkId: string; title: string | undefined }) {
  const document = useQuery({ ...queries.document(documentId), enabled: title === undefined });
  if (document.isError) return <span className={classes.muted}>{words.gone}</span>;
  return (
    <Link to="/knowledge/documents/$documentId" params={{ documentId }} search={{ chunk: chunkId }} dir="auto">
      {title ?? document.data?.title ?? words.document}
    </Link>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Each step with its share of the whole as a bar; what it knew is behind a click. */
export function StepList({ steps }: { steps: readonly Step[] }) {
  const total = steps.reduce((n, s) => n + s.durationUs, 0);
  return (
    <ol className={classes.steps}>
      {steps.map((s, i) => (
        <li key={i} className={classes.step}>
          <details>
            <summary className={classes.summary}>
              <span className={classes.stepName}>{label(words.stepNames, s.name)}</span>
              <span className={classes.bar}>
                <Meter size="sm" value={s.durationUs} max={total} label={words.duration} />
              </span>
              <span className={classes.time}>{formatDuration(s.durationUs / 1000)}</span>
            </summary>
            <StepData data={s.data} />
          </details>
        </li>
      ))}
      <li className={classes.total}>
        <span>{words.total}</span>
        <span>{formatDuration(total / 1000)}</span>
      </li>
    </ol>
  );
}

function StepData({ data }: { data: Record<string, unknown> }) {
  const entries = Object.entries(data);
  if (entries.length === 0) return null;
  return (
    <dl className={classes.data}>
      {entries.map(([k, v]) => (
        <div key={k} className={classes.fact}>
          <dt>{humanize(k)}</dt>
          <dd className={classes.mono}>{typeof v === "object" ? JSON.stringify(v, null, 1) : String(v)}</dd>
        </div>
      ))}
    </dl>
  );
}
