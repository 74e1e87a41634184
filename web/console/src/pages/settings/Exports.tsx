import { Button } from "@mantine/core";
import { Card, DataTable, EmptyState, Pill, RelativeTime, toasts, type Column, type Tone } from "@parley/ui";
import { IconArchive, IconDownload } from "@parley/ui/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { privacy, privacyQueries, type WorkspaceExport } from "@/api/privacy";
import { explain } from "@/api/problem";
import { errorOf } from "@/app/tableOf";
import { label } from "@/lib/labels";
import { t } from "@/strings";
import { pv } from "@/strings/privacy";
import classes from "./Settings.module.css";

const words = pv.privacy.exports;
const tones: Record<WorkspaceExport["state"], Tone> = { queued: "neutral", running: "info", ready: "success", failed: "danger", expired: "neutral" };

/** Archives of everything: asked for here, fetched by who asked. */
export function Exports() {
  const client = useQueryClient();
  const exports = useQuery(privacyQueries.exports);
  const again = () => client.invalidateQueries({ queryKey: privacyQueries.exports.queryKey });
  const start = useMutation({
    mutationFn: () => privacy.startExport(),
    onSuccess: () => toasts.success(words.started),
    onError: (e) => toasts.error(explain(e)),
    onSettled: again,
  });
  const download = useMutation({
    mutationFn: (e: WorkspaceExport) => privacy.exportLink(e.id),
    // The link works once: the browser saves what it leads to, and the page stays.
    onSuccess: (link) => window.location.assign(link.path),
    onError: (e) => (toasts.error(explain(e)), void again()),
  });
  const busy = exports.data?.some((e) => e.state === "queued" || e.state === "running") ?? false;
  const columns: Column<WorkspaceExport>[] = [
    { id: "at", header: words.columns.at, main: true, cell: (e) => <RelativeTime at={e.createdAt} /> },
    {
      id: "state",
      header: words.columns.state,
      labelled: true,
      cell: (e) => (
        <span>
          <Pill tone={tones[e.state]}>{label(words.states, e.state)}</Pill>{" "}
          <span className={classes.sub}>
            {e.state === "running" && e.total > 0 && words.progress(e.done, e.total)}
            {e.state === "ready" && e.expiresAt && (
              <>
                {words.until} <RelativeTime at={e.expiresAt} />
              </>
            )}
          </span>
        </span>
      ),
    },
    { id: "content", header: words.columns.content, labelled: true, cell: (e) => e.state === "ready" && words.holds(e.rows, e.files, (e.size ?? 0) / 1_000_000) },
    {
      id: "actions",
      header: t.actions,
      quiet: true,
      align: "end",
      cell: (e) =>
        e.state === "ready" &&
        (e.mine ? (
          <Button size="compact-sm" variant="default" leftSection={<IconDownload size={14} />} loading={download.isPending && download.variables.id === e.id} onClick={() => download.mutate(e)}>
            {words.download}
          </Button>
        ) : (
          <span className={classes.sub}>{words.notYours}</span>
        )),
    },
  ];
  return (
    <Card
      title={words.title}
      description={words.text}
      actions={
        <Button variant="default" loading={start.isPending} disabled={busy} onClick={() => start.mutate()}>
          {words.start}
        </Button>
      }
    >
      <DataTable
        label={words.title}
        columns={columns}
        rows={exports.data}
        rowId={(e) => e.id}
        error={errorOf(exports)}
        empty={
          <EmptyState icon={IconArchive} title={words.empty}>
            {words.emptyText}
          </EmptyState>
        }
      />
    </Card>
  );
}
