import { Card, EmptyState, ErrorState, ListSkeleton, Markdown, Meter, Page, PageHeader, Pill, Segmented } from "@parley/ui";
import { IconFileText, IconSearch } from "@parley/ui/icons";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { explain } from "@/api/problem";
import { qualityQueries, type GoldenQuestion } from "@/api/quality";
import type { AskResult } from "@/api/types";
import { pieces } from "@/lib/highlight";
import { label, languageName } from "@/lib/labels";
import { SourceLink } from "@/pages/conversations/MessageView";
import { t } from "@/strings";
import { qt } from "@/strings/quality";
import { documentsOf, legsOf, longest, type BothDocument } from "./bothSides.ts";
import { outcomeTone } from "./outcomeTone.ts";
import classes from "./Quality.module.css";
import { nameOf, titleOf } from "./verdict.ts";

const words = qt.quality.result;
const exact = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });
const score = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** So many are shown at once; the rest is a click away. */
const firstPassages = 4;

/** One question of a comparison: what either version says, and why. */
export function ResultPage() {
  const { runId, questionId } = useParams({ from: "/quality/runs/$runId/questions/$questionId" });
  const run = useQuery(qualityQueries.run(runId));
  const why = useQuery(qualityQueries.explanation(runId, questionId));
  const failed = [run, why].find((q) => q.isError);
  const back = (
    <Link to="/quality/runs/$runId" params={{ runId }} search={{}}>
      {run.data ? titleOf(run.data) : qt.quality.runs}
    </Link>
  );
  if (failed)
    return (
      <Page>
        <PageHeader title={qt.quality.questions} back={back} />
        <Card>
          <ErrorState detail={explain(failed.error)} onRetry={() => void failed.refetch()} />
        </Card>
      </Page>
    );
  if (!run.data || !why.data)
    return (
      <Page>
        <ListSkeleton rows={3} height={220} gap={16} />
      </Page>
    );
  const { question, base, candidate } = why.data;
  const before = words.before(nameOf(run.data.baseVersion));
  const after = words.after(nameOf(run.data.candidateVersion));
  return (
    <Page>
      <PageHeader back={back} title={question.question} description={<Expected question={question} />} />
      <div className={classes.stack}>
        <div className={classes.pair}>
          <Answer title={before} result={base} />
          <Answer title={after} result={candidate} />
        </div>
        <p className={classes.text}>{words.asked}</p>
        <Documents base={base} candidate={candidate} expected={question.expectedDocumentId} />
        <Passages base={base} candidate={candidate} names={{ base: before, candidate: after }} />
      </div>
    </Page>
  );
}

function Expected({ question: q }: { question: GoldenQuestion }) {
  return (
    <span className={classes.meta}>
      <span>{qt.quality.form.outcomes[q.expectedOutcome]}</span>
      {q.expectedDocumentId && (
        <Link to="/knowledge/documents/$documentId" params={{ documentId: q.expectedDocumentId }} search={{}} dir="auto">
          {q.expectedDocumentTitle ? qt.quality.list.article(q.expectedDocumentTitle) : qt.quality.list.articleGone}
        </Link>
      )}
      {q.expectedAnswer && <span dir="auto">{qt.quality.list.words(q.expectedAnswer)}</span>}
      <span>{label(qt.quality.categories, q.category)}</span>
      {q.language && <span>{languageName(q.language)}</span>}
      {q.sourceConversationId && (
        <Link to="/conversations/$conversationId" params={{ conversationId: q.sourceConversationId }} search={{}}>
          {qt.quality.list.fromConversation}
        </Link>
      )}
    </span>
  );
}

function Answer({ title, result: r }: { title: string; result: AskResult }) {
  return (
    <Card title={title} actions={<Pill tone={outcomeTone[r.outcome]}>{label(t.conversation.outcome, r.outcome)}</Pill>}>
      <div className={classes.answer}>
        {r.answer ? <Markdown text={r.answer} /> : <p className={classes.text}>{words.noAnswer}</p>}
        {r.citations.length > 0 && (
          <ul className={classes.cited} aria-label={t.assistant.sources}>
            {[...new Map(r.citations.map((c) => [c.documentId, c])).values()].map((c) => (
              <li key={c.documentId}>
                <SourceLink citation={c}>
                  <IconFileText size={14} aria-hidden />
                  <span dir="auto">{c.title}</span>
                </SourceLink>
              </li>
            ))}
          </ul>
        )}
        {r.confidence !== null && (
          <div className={classes.confidence}>
            <span className={classes.between}>
              <span>{words.confidence}</span>
              <strong>{exact.format(r.confidence)}</strong>
            </span>
            <Meter value={r.confidence} mark={r.threshold} tone={r.confidence >= r.threshold ? "success" : "warning"} label={words.confidence} />
            <span className={classes.muted}>{words.threshold(exact.format(r.threshold))}</span>
          </div>
        )}
      </div>
    </Card>
  );
}

function Documents({ base, candidate, expected }: { base: AskResult; candidate: AskResult; expected: string | null }) {
  const all = documentsOf(base, candidate);
  return (
    <Card title={words.documents} description={words.documentsText}>
      {all.length === 0 ? (
        <EmptyState compact icon={IconSearch} title={words.documentsNone} />
      ) : (
        <ol className={classes.documents}>
          {all.map((d, i) => (
            <li key={d.id}>
              <details open={i === 0 || d.id === expected || undefined}>
                <summary>
                  <span className={classes.documentTop}>
                    <span dir="auto">{d.title}</span>
                    {d.id === expected && <Pill tone="accent">{words.isExpected}</Pill>}
                    <span className={classes.rankMove}>
                      <Rank name={words.rankBefore} rank={d.base?.rank} />
                      <Rank name={words.rankAfter} rank={d.candidate?.rank} />
                    </span>
                  </span>
                </summary>
                <Legs document={d} max={longest(all)} />
                <Link to="/knowledge/documents/$documentId" params={{ documentId: d.id }} search={{}} className={classes.open}>
                  {words.openDocument}
                </Link>
              </details>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

function Rank({ name, rank }: { name: string; rank: number | undefined }) {
  return (
    <span>
      <span className={classes.muted}>{name}</span> <strong>{rank === undefined ? words.notFound : words.rank(rank)}</strong>
    </span>
  );
}

/** The score of a document by its parts, each side a bar of its own; the same length means the same score. */
function Legs({ document: d, max }: { document: BothDocument; max: number }) {
  return (
    <table className={classes.legs} aria-label={t.assistant.leg}>
      <thead>
        <tr>
          <th scope="col">{t.assistant.score}</th>
          <th scope="col">{words.rankBefore}</th>
          <th scope="col">{words.rankAfter}</th>
        </tr>
      </thead>
      <tbody>
        {legsOf(d).map((r) => (
          <tr key={r.leg} data-total={r.leg === "score" || undefined}>
            <th scope="row">{r.leg === "score" ? words.score : label(t.assistant.legNames, r.leg)}</th>
            <LegCell value={r.base} max={max} />
            <LegCell value={r.candidate} max={max} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function LegCell({ value, max }: { value: number | null; max: number }) {
  if (value === null) return <td className={classes.muted}>{words.none}</td>;
  return (
    <td>
      <span className={classes.leg}>
        <span className={classes.legTrack} aria-hidden>
          <span style={{ inlineSize: `${max > 0 ? Math.max(0, Math.min(1, value / max)) * 100 : 0}%` }} />
        </span>
        <span>{score.format(value)}</span>
      </span>
    </td>
  );
}

function Passages({ base, candidate, names }: { base: AskResult; candidate: AskResult; names: { base: string; candidate: string } }) {
  const [side, setSide] = useState<"base" | "candidate">("candidate");
  const { chunks, documents } = (side === "base" ? base : candidate).retrieval;
  const quoted = new Set((side === "base" ? base : candidate).citations.map((c) => c.chunkId));
  const titles = new Map(documents.map((d) => [d.documentId, d.title]));
  return (
    <Card
      title={words.passages}
      actions={
        <Segmented
          size="xs"
          aria-label={words.side}
          value={side}
          onChange={(v) => setSide(v as typeof side)}
          data={[
            { value: "base", label: words.rankBefore },
            { value: "candidate", label: words.rankAfter },
          ]}
        />
      }
    >
      <p className={classes.text}>{names[side]}</p>
      {chunks.length === 0 ? (
        <EmptyState compact icon={IconSearch} title={words.passagesNone} />
      ) : (
        <>
          <PassageList chunks={chunks.slice(0, firstPassages)} titles={titles} quoted={quoted} />
          {chunks.length > firstPassages && (
            <details className={classes.moreOf}>
              <summary>{words.morePassages(chunks.length - firstPassages)}</summary>
              <PassageList chunks={chunks.slice(firstPassages)} titles={titles} quoted={quoted} />
            </details>
          )}
        </>
      )}
    </Card>
  );
}

function PassageList({ chunks, titles, quoted }: { chunks: AskResult["retrieval"]["chunks"]; titles: ReadonlyMap<string, string>; quoted: ReadonlySet<string> }) {
  return (
    <ol className={classes.passages}>
      {chunks.map((c) => (
        <li key={c.chunkId} data-quoted={quoted.has(c.chunkId) || undefined}>
          <span className={classes.between}>
            <Link to="/knowledge/documents/$documentId" params={{ documentId: c.documentId }} search={{ chunk: c.chunkId }} dir="auto">
              {[titles.get(c.documentId), ...c.headingPath].filter(Boolean).join(" › ")}
            </Link>
            <strong>{score.format(c.score)}</strong>
          </span>
          <p dir="auto">{pieces(c.text, c.highlights).map((p, i) => (p.marked ? <mark key={i}>{p.text}</mark> : <span key={i}>{p.text}</span>))}</p>
        </li>
      ))}
    </ol>
  );
}
