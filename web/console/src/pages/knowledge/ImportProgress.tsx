import { Button } from "@mantine/core";
import { Card, confirm, DataTable, EmptyState, Meter, Pill, RelativeTime, toasts } from "@parley/ui";
import { IconX } from "@parley/ui/icons";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import * as api from "@/api/calls";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Import } from "@/api/types";
import * as kb from "@/api/knowledge";
import { useCan } from "@/app/session";
import { tableOf } from "@/app/tableOf";
import { cancelUpload, useUploads } from "@/lib/uploads";
import { t } from "@/strings";
import { kt } from "@/strings/knowledge";
import { importName, importTone, isUnfinished } from "./importState.ts";
import classes from "./Knowledge.module.css";

const words = kt.knowledge.progress;
const finishedFiles = (i: Import) => i.added + i.changed + i.unchanged + i.failed;

/** How far an import is, live; and afterwards what it did. */
export function ImportProgress({ importId }: { importId: string }) {
  const client = useQueryClient();
  const may = useCan()("knowledge:write");
  const { data } = useQuery(queries.import(importId));
  const upload = useUploads().find((u) => u.importId === importId);
  if (!data) return null;
  const sending = upload?.phase === "sending";
  const unfinished = isUnfinished(data.state);
  const [done, total] = sending ? [upload.sent, upload.total] : [finishedFiles(data), data.total];

  const cancel = async () => {
    if (!(await confirm({ title: words.cancelTitle, body: words.cancelText, confirm: words.cancel, danger: true }))) return;
    if (sending) cancelUpload(importId);
    else {
      try {
        await api.knowledge.cancelImport(importId);
      } catch (e) {
        toasts.error(explain(e));
      }
    }
    toasts.success(words.cancelled);
    for (const key of ["import", "imports", "sources", "source"]) void client.invalidateQueries({ queryKey: [key] });
  };

  return (
    <Card
      title={
        <span className={classes.inline}>
          {words.title}
          <Pill tone={importTone[data.state]}>{importName(data.state)}</Pill>
        </span>
      }
      description={
        <>
          <RelativeTime at={data.finishedAt ?? data.createdAt} />
          {" · "}
          {kt.knowledge.source.mode[data.mode]}
        </>
      }
      actions={
        unfinished &&
        may && (
          <Button variant="default" size="compact-md" leftSection={<IconX size={14} />} onClick={() => void cancel()}>
            {words.cancel}
          </Button>
        )
      }
    >
      {(data.error ?? upload?.error) && (
        <p className={classes.error} role="alert">
          {data.error ?? upload?.error}
        </p>
      )}
      {unfinished && (
        <div className={classes.progress} role="status">
          {data.state === "crawling" ? (
            <CrawlProgress importId={importId} />
          ) : (
            <>
              <Meter value={done} max={Math.max(total, 1)} label={words.title} />
              <span>{sending ? words.uploading(done, total) : words.running(done, total)}</span>
            </>
          )}
        </div>
      )}
      <dl className={classes.counts}>
        <Fact name={words.added} value={data.added} />
        <Fact name={words.changed} value={data.changed} />
        <Fact name={words.unchanged} value={data.unchanged} />
        <Fact name={words.removed} value={data.removed} />
        <Fact name={words.failedFiles} value={data.failed} danger />
        <Fact name={words.passages} value={data.chunks} />
      </dl>
      {data.failed > 0 && <FailedFiles importId={importId} />}
      {upload && upload.rejected.length > 0 && (
        <details className={classes.skipped}>
          <summary>{`${words.rejected}: ${t.number(upload.rejected.length)}`}</summary>
          <ul>
            {upload.rejected.map((r) => (
              <li key={r.path}>
                <span className={classes.path}>{r.path}</span> <span className={classes.muted}>{r.reason}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Card>
  );
}

/** A website's pages are fetched before they are read. A crawl has the id of the import it belongs to. */
function CrawlProgress({ importId }: { importId: string }) {
  const { data: c } = useQuery(kb.queries.crawl(importId));
  const done = c ? c.fetched + c.skipped + c.failed + c.gone : 0;
  return (
    <>
      <Meter value={done} max={Math.max(1, done + (c?.pending ?? 0))} label={words.title} />
      <span>{kt.knowledge.website.looking(done, c?.pending ?? 0)}</span>
    </>
  );
}

function Fact({ name, value, danger = false }: { name: string; value: number; danger?: boolean }) {
  return (
    <div className={classes.count} data-danger={(danger && value > 0) || undefined}>
      <dt>{name}</dt>
      <dd>{t.number(value)}</dd>
    </div>
  );
}

function FailedFiles({ importId }: { importId: string }) {
  const query = queries.failedFiles(importId);
  const table = tableOf(useInfiniteQuery(query), query);
  const rows = table.rows;
  // A website has pages, not files.
  const kind = rows?.[0] && /^https?:/.test(rows[0].path) ? words.ofPages : words.ofFiles;
  return (
    <section className={classes.failed}>
      <h3 className={classes.heading}>{kind.errors}</h3>
      <DataTable
        label={kind.errors}
        columns={[
          { id: "path", header: kind.path, main: true, cell: (f) => <span className={classes.path}>{f.path}</span> },
          { id: "reason", header: words.reason, cell: (f) => f.reason },
        ]}
        {...table}
        rowId={(f) => f.path}
        empty={<EmptyState compact title={words.errorsEmpty} />}
      />
    </section>
  );
}
