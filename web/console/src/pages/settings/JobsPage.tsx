import { ActionIcon, Button } from "@mantine/core";
import { confirm, EmptyState, RelativeTime, RowName, toasts, type Column } from "@parley/ui";
import { IconCircleCheck, IconRefresh, IconTrash } from "@parley/ui/icons";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { explain, Problem } from "@/api/problem";
import type { DeadJob } from "@/api/types";
import * as ws from "@/api/workspace";
import { useCan } from "@/app/session";
import { tableOf } from "@/app/tableOf";
import { label } from "@/lib/labels";
import { t } from "@/strings";
import { st } from "@/strings/settings";
import { ListSection, Needs } from "./SettingsPage.tsx";
import classes from "./Settings.module.css";

const words = st.settings.jobs;

/** Work that failed on its last attempt and waits for a person: why, and the way on. */
export function JobsPage() {
  return (
    <Needs permission="jobs:read">
      <Jobs />
    </Needs>
  );
}

function Jobs() {
  const may = useCan()("jobs:write");
  const client = useQueryClient();
  const list = useInfiniteQuery(ws.queries.deadJobs);
  const refresh = () => client.invalidateQueries({ queryKey: ws.queries.deadJobs.queryKey });
  const failed = (e: Error) => {
    toasts.error(explain(e));
    // Somebody else was faster: what is shown is old.
    if (e instanceof Problem && e.status === 404) void refresh();
  };
  const retry = useMutation({
    mutationFn: (j: DeadJob) => ws.jobs.retry(j.id),
    onSuccess: () => (toasts.success(words.retried), refresh()),
    onError: failed,
  });
  const discard = useMutation({
    mutationFn: (j: DeadJob) => ws.jobs.discard(j.id),
    onSuccess: () => (toasts.success(words.discarded), refresh()),
    onError: failed,
  });
  const ask = async (j: DeadJob) => {
    if (await confirm({ title: words.discardTitle(label(words.kinds, j.kind)), body: words.discardText, confirm: words.discard, danger: true })) discard.mutate(j);
  };
  const columns: Column<DeadJob>[] = [
    {
      id: "kind",
      header: words.columns.kind,
      main: true,
      cell: (j) => (
        <RowName wraps sub={j.kind}>
          <span>{label(words.kinds, j.kind)}</span>
        </RowName>
      ),
    },
    { id: "error", header: words.columns.error, text: (j) => j.error, cell: (j) => <Reason text={j.error} /> },
    { id: "attempts", header: words.columns.attempts, align: "end", labelled: true, text: (j) => j.attempts, cell: (j) => t.number(j.attempts) },
    { id: "at", header: words.columns.at, align: "end", labelled: true, cell: (j) => <RelativeTime short at={j.deadAt} /> },
    ...(may
      ? [
          {
            id: "actions",
            header: t.actions,
            quiet: true,
            align: "end" as const,
            cell: (j: DeadJob) => (
              <div className={classes.rowActions}>
                <Button size="compact-sm" variant="default" leftSection={<IconRefresh size={14} />} loading={retry.isPending && retry.variables.id === j.id} onClick={() => retry.mutate(j)}>
                  {words.retry}
                </Button>
                <ActionIcon aria-label={words.discardOf(label(words.kinds, j.kind))} loading={discard.isPending && discard.variables.id === j.id} onClick={() => void ask(j)}>
                  <IconTrash size={16} />
                </ActionIcon>
              </div>
            ),
          },
        ]
      : []),
  ];
  return (
    <ListSection
      description={words.description}
      query={list}
      label={st.settings.sections.jobs}
      columns={columns}
      {...tableOf(list, ws.queries.deadJobs)}
      rowId={(j) => j.id}
      empty={
        <EmptyState icon={IconCircleCheck} title={words.empty}>
          {words.emptyText}
        </EmptyState>
      }
    />
  );
}

/** Its first line; a longer reason opens. */
function Reason({ text }: { text: string | null }) {
  if (text === null) return <span className={classes.sub}>{words.noReason}</span>;
  if (text.length <= 120) return <span className={classes.reason}>{text}</span>;
  return (
    <details className={classes.reason}>
      <summary>{`${text.slice(0, 110).trimEnd()}…`}</summary>
      {text}
    </details>
  );
}
