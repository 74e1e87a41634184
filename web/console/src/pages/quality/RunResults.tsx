import { Button } from "@mantine/core";
import { DataTable, EmptyState, Pill, RowName, type Column, type Tone } from "@parley/ui";
import { IconCheck, IconListDetails, IconX } from "@parley/ui/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { changes, qualityQueries, type Change, type GoldenResult, type GoldenRun, type GoldenSummary } from "@/api/quality";
import { tableOf } from "@/app/tableOf";
import { label } from "@/lib/labels";
import { t } from "@/strings";
import { qt } from "@/strings/quality";
import classes from "./Quality.module.css";
import { countsOf, percent } from "./verdict.ts";

const words = qt.quality.run;
export const changeTone: Record<Change, Tone> = { better: "success", worse: "danger", right: "neutral", wrong: "warning" };

/** Every question of a comparison, by what became of it. */
export function RunResults({ run: r, summary }: { run: GoldenRun; summary: GoldenSummary }) {
  const { change } = useSearch({ from: "/quality/runs/$runId" });
  const navigate = useNavigate({ from: "/quality/runs/$runId" });
  const query = qualityQueries.results(r.id, change);
  const list = useInfiniteQuery(query);
  const counts = countsOf(summary);
  return (
    <section className={classes.group}>
      <h2 className={classes.heading}>{words.results}</h2>
      <div className={classes.chips} role="group" aria-label={words.which}>
        {([undefined, ...changes] as const).map((c) => (
          <Button
            key={c ?? "all"}
            size="compact-sm"
            variant={c === change ? "filled" : "default"}
            aria-pressed={c === change}
            onClick={() => void navigate({ search: c ? { change: c } : {}, replace: true, resetScroll: false })}
          >
            {`${c ? label(words.changes, c) : words.all} ${t.number(counts[c ?? "all"])}`}
          </Button>
        ))}
      </div>
      <DataTable
        label={words.results}
        columns={columnsOf(r.id)}
        {...tableOf(list, query)}
        rowId={(x) => x.questionId}
        onOpen={(x) => void navigate({ to: "/quality/runs/$runId/questions/$questionId", params: { runId: r.id, questionId: x.questionId } })}
        empty={
          <EmptyState compact icon={IconListDetails} title={words.resultsEmpty}>
            {words.resultsEmptyText[change ?? "all"]}
          </EmptyState>
        }
      />
    </section>
  );
}

const sideText = (v: GoldenResult["base"]) => `${v.correct ? words.right : words.wrong}: ${label(t.conversation.outcome, v.outcome)}`;

function Side({ verdict: v }: { verdict: GoldenResult["base"] }) {
  const Icon = v.correct ? IconCheck : IconX;
  return (
    <span className={classes.side} data-correct={v.correct}>
      <Icon size={15} role="img" aria-label={v.correct ? words.right : words.wrong} />
      <span>{label(t.conversation.outcome, v.outcome)}</span>
      {v.confidence !== null && <span className={classes.muted}>{percent(v.confidence)}</span>}
    </span>
  );
}

const rank = (n: number | null) => (n === null ? words.unfound : t.number(n));

export const columnsOf = (runId: string): Column<GoldenResult>[] => [
  {
    id: "question",
    header: words.resultColumns.question,
    main: true,
    cell: (x) => (
      <RowName wraps sub={x.expectedOutcome === "answered" ? null : qt.quality.form.outcomes[x.expectedOutcome]}>
        <Link to="/quality/runs/$runId/questions/$questionId" params={{ runId, questionId: x.questionId }} dir="auto">
          {x.question}
        </Link>
      </RowName>
    ),
  },
  { id: "change", header: words.resultColumns.change, cell: (x) => <Pill tone={changeTone[x.change]}>{label(words.changes, x.change)}</Pill> },
  { id: "base", header: words.resultColumns.base, labelled: true, text: (x) => sideText(x.base), cell: (x) => <Side verdict={x.base} /> },
  { id: "candidate", header: words.resultColumns.candidate, labelled: true, text: (x) => sideText(x.candidate), cell: (x) => <Side verdict={x.candidate} /> },
  {
    id: "rank",
    header: words.resultColumns.rank,
    align: "end",
    labelled: true,
    cell: (x) =>
      x.expectedDocumentId === null ? words.unfound : x.base.rank === x.candidate.rank ? rank(x.base.rank) : words.rankMove(rank(x.base.rank), rank(x.candidate.rank)),
  },
];
