import { Button } from "@mantine/core";
import { DataTable, EmptyState, Page, PageHeader, RelativeTime, RowName, type Column } from "@parley/ui";
import { IconArrowsExchange } from "@parley/ui/icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { qualityQueries, type GoldenRun } from "@/api/quality";
import { Forbidden } from "@/app/Forbidden";
import { lazyDialog } from "@/app/lazyDialog";
import { ButtonLink } from "@/app/links";
import { useCan } from "@/app/session";
import { tableOf } from "@/app/tableOf";
import { t } from "@/strings";
import { qt } from "@/strings/quality";
import { IntervalBar, scaleOf } from "./IntervalBar.tsx";
import { QualityTabs } from "./QualityTabs.tsx";
import classes from "./Quality.module.css";
import { onlyOf, RunState, stateOf } from "./RunState.tsx";
import { points, titleOf } from "./verdict.ts";

const CompareDialog = lazyDialog(async () => (await import("./CompareDialog.tsx")).CompareDialog);
const words = qt.quality.run;

/** The comparisons that were made, and the way to another. */
export function RunsPage() {
  const can = useCan();
  const enabled = can("quality:read");
  const navigate = useNavigate();
  const list = useInfiniteQuery({ ...qualityQueries.runs, enabled });
  const facets = useQuery({ ...qualityQueries.facets, enabled });
  const [comparing, setComparing] = useState(false);
  if (!enabled) return <Forbidden />;
  const none = facets.data?.questions === 0;
  const compare = can("quality:write") && !none && (
    <Button leftSection={<IconArrowsExchange size={16} />} onClick={() => setComparing(true)}>
      {qt.quality.compare.action}
    </Button>
  );
  const scale = scaleOf(list.data?.pages.flatMap((p) => p.items.flatMap((r) => (r.summary ? [r.summary.all] : []))) ?? []);
  return (
    <Page>
      <PageHeader
        title={qt.quality.title}
        description={words.description}
        actions={
          <>
            {(list.data?.pages[0]?.items.length ?? 0) > 1 && (
              <ButtonLink variant="default" to="/quality/difference" search={{}}>
                {qt.quality.difference.open}
              </ButtonLink>
            )}
            {compare}
          </>
        }
      />
      <QualityTabs active="runs" />
      <DataTable
        label={qt.quality.runs}
        columns={columnsOf(scale)}
        {...tableOf(list, qualityQueries.runs)}
        rowId={(r) => r.id}
        onOpen={(r) => void navigate({ to: "/quality/runs/$runId", params: { runId: r.id }, search: {} })}
        empty={
          none ? (
            <EmptyState icon={IconArrowsExchange} title={words.noQuestions} action={<ButtonLink to="/quality" search={{}}>{words.toQuestions}</ButtonLink>}>
              {words.noQuestionsText}
            </EmptyState>
          ) : (
            <EmptyState icon={IconArrowsExchange} title={words.empty} action={compare}>
              {words.emptyText}
            </EmptyState>
          )
        }
      />
      <CompareDialog opened={comparing} onClose={() => setComparing(false)} />
    </Page>
  );
}

const columnsOf = (scale: number): Column<GoldenRun>[] => [
  {
    id: "versions",
    header: words.columns.versions,
    main: true,
    cell: (r) => (
      <RowName sub={onlyOf(r)}>
        <Link to="/quality/runs/$runId" params={{ runId: r.id }} search={{}}>
          {titleOf(r)}
        </Link>
      </RowName>
    ),
  },
  { id: "verdict", header: words.columns.verdict, text: (r) => stateOf(r).name, cell: (r) => <RunState run={r} /> },
  {
    id: "difference",
    header: words.columns.difference,
    width: "11rem",
    text: (r) => r.summary?.all.difference,
    cell: (r) =>
      r.summary && (
        <span className={classes.difference}>
          <IntervalBar value={r.summary.all} scale={scale} />
          <span>{points(r.summary.all.difference)}</span>
        </span>
      ),
  },
  { id: "questions", header: words.columns.questions, align: "end", labelled: true, text: (r) => r.total, cell: (r) => t.number(r.total) },
  { id: "at", header: words.columns.at, align: "end", cell: (r) => <RelativeTime short at={r.createdAt} /> },
];
