import { Card, EmptyState, Meter, Segmented } from "@parley/ui";
import { IconSearch } from "@parley/ui/icons";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { AskResult } from "@/api/types";
import { pieces } from "@/lib/highlight";
import { label } from "@/lib/labels";
import { t } from "@/strings";
import { rt } from "@/strings/retrieval";
import classes from "./Playground.module.css";

const words = t.assistant;
const found = rt.retrieval;
const score = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export function RetrievalView({ result }: { result: AskResult }) {
  const [view, setView] = useState<"passages" | "documents">("passages");
  const { documents, chunks, readAs, models } = result.retrieval;
  const quoted = new Set(result.citations.map((c) => c.chunkId));
  const titles = new Map(documents.map((d) => [d.documentId, d.title]));
  return (
    <Card
      title={words.found}
      actions={
        <Segmented
          size="xs"
          aria-label={words.found}
          value={view}
          onChange={(v) => setView(v as typeof view)}
          data={[
            { value: "passages", label: words.passages },
            { value: "documents", label: words.documents },
          ]}
        />
      }
    >
      {readAs !== null && (
        <p className={classes.readAs} dir="auto">
          {words.readAs(readAs)}
        </p>
      )}
      {models && <Models models={models} />}
      {documents.length === 0 && chunks.length === 0 ? (
        <EmptyState compact icon={IconSearch} title={words.foundNothing}>
          {words.foundNothingText}
        </EmptyState>
      ) : view === "passages" ? (
        <ol className={classes.found}>
          {chunks.map((c) => (
            <li key={c.chunkId} data-quoted={quoted.has(c.chunkId) || undefined}>
              <div className={classes.foundTop}>
                <Link to="/knowledge/documents/$documentId" params={{ documentId: c.documentId }} search={{ chunk: c.chunkId }} className={classes.foundTitle}>
                  {[titles.get(c.documentId), ...c.headingPath].filter(Boolean).join(" › ")}
                </Link>
                <span className={classes.score}>
                  {typeof c.rerank === "number" && `${found.rerankScore} ${score.format(c.rerank)} · `}
                  {score.format(c.score)}
                </span>
              </div>
              <p className={classes.passage} dir="auto">
                {pieces(c.text, c.highlights).map((p, i) => (p.marked ? <mark key={i}>{p.text}</mark> : <span key={i}>{p.text}</span>))}
              </p>
            </li>
          ))}
        </ol>
      ) : (
        <Documents documents={documents} />
      )}
    </Card>
  );
}

type ModelsUsed = NonNullable<AskResult["retrieval"]["models"]>;

/** Whether models took part, and why not. */
function Models({ models: { vector, rerank } }: { models: ModelsUsed }) {
  const lines = [vector && (found.found[vector.outcome] ?? found.notFound(label(found.reasons, vector.outcome))), rerank && (rerank.outcome === "used" ? found.rerankUsed : found.notReranked(label(found.reasons, rerank.outcome)))];
  const use = [vector, rerank];
  return (
    <ul className={classes.models}>
      {lines.map((line, i) => line && <li key={i}>{[line, use[i]?.model, found.milliseconds(use[i]?.ms ?? 0)].filter(Boolean).join(" · ")}</li>)}
    </ul>
  );
}

function Documents({ documents }: { documents: AskResult["retrieval"]["documents"] }) {
  const best = Math.max(...documents.map((d) => d.score), 0);
  return (
    <ol className={classes.found}>
      {documents.map((d) => (
        <li key={d.documentId}>
          <div className={classes.foundTop}>
            <Link to="/knowledge/documents/$documentId" params={{ documentId: d.documentId }} search={{}} className={classes.foundTitle}>
              {d.title}
            </Link>
            <span className={classes.score}>
              {typeof d.vector === "number" && `${found.similarity} ${score.format(d.vector)} · `}
              {score.format(d.score)}
            </span>
          </div>
          <Meter size="sm" value={d.score} max={best} label={words.score} />
          <dl className={classes.legs} aria-label={words.leg}>
            {Object.entries(d.legs ?? {}).map(([leg, value]) => (
              <div key={leg}>
                <dt>{label(words.legNames, leg)}</dt>
                <dd>{score.format(value)}</dd>
              </div>
            ))}
            <div>
              <dt>{words.ideal}</dt>
              <dd>{score.format(d.ideal)}</dd>
            </div>
          </dl>
        </li>
      ))}
    </ol>
  );
}
