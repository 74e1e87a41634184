import { Button } from "@mantine/core";
import { Card, confirm, DataTable, ErrorState, ListSkeleton, Page, PageHeader, Pill, RelativeTime, RowName, toasts, type Column } from "@parley/ui";
import { IconTrash } from "@parley/ui/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { explain } from "@/api/problem";
import { golden, isGoing, qualityQueries, type GoldenGroup, type GoldenRun, type GoldenSummary } from "@/api/quality";
import { queries } from "@/api/queries";
import { lazyDialog } from "@/app/lazyDialog";
import { ButtonLink } from "@/app/links";
import { useCan } from "@/app/session";
import { label, languageName } from "@/lib/labels";
import { qt } from "@/strings/quality";
import { IntervalBar, scaleOf } from "./IntervalBar.tsx";
import classes from "./Quality.module.css";
import { RunResults } from "./RunResults.tsx";
import { onlyOf } from "./RunState.tsx";
import { Progress, Verdict } from "./Verdict.tsx";
import { nameOf, percent, points, titleOf } from "./verdict.ts";

const PublishDialog = lazyDialog(async () => (await import("@/pages/assistant/PublishDialog")).PublishDialog);
const VersionChanges = lazyDialog(async () => (await import("@/pages/assistant/VersionChanges")).ChangesDialog);
const words = qt.quality.run;

/** A comparison: how far it is, then what it says, and every question of it. */
export function RunPage() {
  const { runId } = useParams({ from: "/quality/runs/$runId" });
  const run = useQuery(qualityQueries.run(runId));
  const back = (
    <Link to="/quality/runs" search={{}}>
      {words.back}
    </Link>
  );
  if (run.isPending)
    return (
      <Page>
        <ListSkeleton rows={4} height={140} gap={16} />
      </Page>
    );
  if (run.isError)
    return (
      <Page>
        <PageHeader title={qt.quality.runs} back={back} />
        <Card>
          <ErrorState detail={explain(run.error)} onRetry={() => void run.refetch()} />
        </Card>
      </Page>
    );
  const r = run.data;
  return (
    <Page>
      <PageHeader
        back={back}
        title={titleOf(r)}
        description={
          <span className={classes.meta}>
            <RelativeTime at={r.createdAt} />
            <span>{qt.quality.count(r.total)}</span>
            {onlyOf(r) && <span>{onlyOf(r)}</span>}
            <Pill tone={r.isCurrent ? "accent" : "neutral"}>{r.isCurrent ? words.current : words.past}</Pill>
          </span>
        }
        actions={<RunActions run={r} />}
      />
      <div className={classes.stack}>
        {isGoing(r) && (
          <Card title={words.state[r.state]}>
            <Progress run={r} />
          </Card>
        )}
        {r.state === "failed" && (
          <Card>
            <ErrorState title={words.failedTitle} detail={r.error ?? ""} />
          </Card>
        )}
        {r.state === "done" && r.summary && (
          <>
            <Card>
              <Verdict run={r} summary={r.summary} />
            </Card>
            <Groups summary={r.summary} />
            <RunResults run={r} summary={r.summary} />
          </>
        )}
      </div>
    </Page>
  );
}

function RunActions({ run: r }: { run: GoldenRun }) {
  const can = useCan();
  const client = useQueryClient();
  const navigate = useNavigate();
  const assistant = useQuery({ ...queries.assistant, enabled: can("assistant:read") });
  const [dialog, setDialog] = useState<"publish" | "changes" | null>(null);
  const remove = useMutation({
    mutationFn: () => golden.removeRun(r.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["golden-runs"] });
      toasts.success(words.removed);
      void navigate({ to: "/quality/runs", search: {} });
    },
    onError: (e) => toasts.error(explain(e)),
  });
  // What this comparison allows to put in force: the other one of its two versions.
  const published = assistant.data?.id === r.assistantId ? (assistant.data.publishedVersion ?? 0) : null;
  const next = r.state !== "done" || r.candidateVersion === r.baseVersion ? null : published === r.baseVersion ? r.candidateVersion : published === r.candidateVersion ? r.baseVersion : null;
  const ask = async () => {
    if (await confirm({ title: words.removeTitle, body: words.removeText, confirm: words.remove, danger: true })) remove.mutate();
  };
  return (
    <>
      {can("assistant:read") && (
        <Button variant="default" onClick={() => setDialog("changes")}>
          {words.differs}
        </Button>
      )}
      {r.state === "done" && (
        <ButtonLink variant="default" to="/quality/difference" search={{ after: r.id }}>
          {qt.quality.difference.open}
        </ButtonLink>
      )}
      {can("quality:write") && (
        <Button variant="default" leftSection={<IconTrash size={16} />} loading={remove.isPending} onClick={() => void ask()}>
          {words.remove}
        </Button>
      )}
      {next !== null && can("assistant:write") && (
        <Button variant={next === r.candidateVersion ? "filled" : "default"} onClick={() => setDialog("publish")}>
          {next === r.candidateVersion ? words.publish : words.rollBack(nameOf(next))}
        </Button>
      )}
      <PublishDialog opened={dialog === "publish"} onClose={() => setDialog(null)} version={next ?? r.candidateVersion} onPublished={() => void client.invalidateQueries({ queryKey: ["golden-run", r.id] })} />
      <VersionChanges opened={dialog === "changes"} onClose={() => setDialog(null)} assistantId={r.assistantId} from={r.baseVersion} to={r.candidateVersion} title={titleOf(r)} />
    </>
  );
}

function Groups({ summary: s }: { summary: GoldenSummary }) {
  const scale = scaleOf([...s.byCategory, ...s.byLanguage].map((g) => g.result));
  const ranks = s.reciprocalRank;
  const two = (n: number) => n.toLocaleString(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return (
    <div className={classes.groups}>
      <GroupTable title={words.byCategory} rows={s.byCategory} scale={scale} name={(g) => label(qt.quality.categories, g.name)} />
      <GroupTable title={words.byLanguage} rows={s.byLanguage} scale={scale} name={(g) => (g.name === "unknown" ? qt.quality.noLanguage : languageName(g.name))} />
      {ranks && (
        <div className={classes.wide}>
          <Card title={words.ranks}>
            <div className={classes.ranks}>
              <p>{ranks.difference === 0 ? words.ranksSame(two(ranks.base), ranks.questions) : words.ranksText(two(ranks.base), two(ranks.candidate), ranks.questions)}</p>
              {ranks.difference !== 0 && <IntervalBar value={ranks} scale={scaleOf([ranks])} />}
            </div>
          </Card>
        </div>
      )}
    </div>
  );
}

function GroupTable({ title, rows, scale, name }: { title: string; rows: readonly GoldenGroup[]; scale: number; name: (g: GoldenGroup) => string }) {
  const columns: Column<GoldenGroup>[] = [
    { id: "name", header: words.groupColumns.name, main: true, cell: (g) => <RowName sub={qt.quality.count(g.result.questions)}><span>{name(g)}</span></RowName> },
    { id: "base", header: words.groupColumns.base, align: "end", labelled: true, text: (g) => g.result.base, cell: (g) => percent(g.result.base) },
    { id: "candidate", header: words.groupColumns.candidate, align: "end", labelled: true, text: (g) => g.result.candidate, cell: (g) => percent(g.result.candidate) },
    {
      id: "change",
      header: words.groupColumns.change,
      width: "11rem",
      text: (g) => g.result.difference,
      cell: (g) => (
        <span className={classes.difference}>
          <IntervalBar value={g.result} scale={scale} />
          <span>{points(g.result.difference)}</span>
        </span>
      ),
    },
  ];
  return (
    <section className={classes.group}>
      <h2 className={classes.heading}>{title}</h2>
      <DataTable label={title} columns={columns} rows={rows} rowId={(g) => g.name} empty={null} />
    </section>
  );
}
