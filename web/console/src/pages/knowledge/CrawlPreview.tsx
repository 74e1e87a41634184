import { type Column, DataTable, EmptyState, ErrorState, ListSkeleton, Meter, RowName, Segmented } from "@parley/ui";
import { IconWorld } from "@parley/ui/icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "@/api/problem";
import type { Crawl, CrawlPage } from "@/api/types";
import * as kb from "@/api/knowledge";
import { t } from "@/strings";
import { kt } from "@/strings/knowledge";
import classes from "./Knowledge.module.css";

const words = kt.knowledge.website;
type Shown = "fetched" | "skipped" | "failed";

/** What an import would bring, what it would leave out, and why. Live while the site is being read. */
export function CrawlPreview({ crawlId }: { crawlId: string }) {
  const crawl = useQuery(kb.queries.crawl(crawlId));
  const [shown, setShown] = useState<Shown>("fetched");
  if (crawl.isPending) return <ListSkeleton rows={6} />;
  if (crawl.isError) return <ErrorState compact detail={explain(crawl.error)} onRetry={() => void crawl.refetch()} />;
  const c = crawl.data;
  if (c.state === "failed") return <ErrorState compact title={words.previewFailed} detail={c.error ?? t.problem.unexpected} />;
  const counts: Record<Shown, number> = { fetched: c.fetched, skipped: c.skipped, failed: c.failed };
  return (
    <div className={classes.stack}>
      {c.state === "running" ? <Looking crawl={c} /> : <p className={classes.muted}>{words.previewLimit}</p>}
      <div>
        <Segmented
          size="xs"
          aria-label={words.results}
          value={shown}
          onChange={(v) => setShown(v as Shown)}
          data={(["fetched", "skipped", "failed"] as const).map((value) => ({ value, label: `${words.tabs[value]} · ${t.number(counts[value])}` }))}
        />
      </div>
      {/* A list of its own for each state of the crawl: what is there when it ends is asked for again. */}
      <Pages key={`${shown}:${c.state}`} crawlId={crawlId} shown={shown} running={c.state === "running"} />
    </div>
  );
}

function Looking({ crawl: c }: { crawl: Crawl }) {
  const done = c.fetched + c.skipped + c.failed + c.gone;
  return (
    <div className={classes.progress} role="status">
      <Meter value={done} max={Math.max(1, done + c.pending)} label={words.preview} />
      <span>{words.looking(done, c.pending)}</span>
    </div>
  );
}

const columns: Column<CrawlPage>[] = [
  {
    id: "page",
    header: words.columns.page,
    main: true,
    cell: (p) => (
      <RowName sub={p.title && <span dir="ltr">{p.url}</span>}>
        <a href={p.url} target="_blank" rel="noopener noreferrer" dir="auto">
          {p.title ?? p.url}
        </a>
      </RowName>
    ),
  },
];
const reason: Column<CrawlPage> = { id: "reason", header: words.columns.reason, cell: (p) => <span className={classes.reason}>{p.reason}</span> };
const found: Column<CrawlPage> = { id: "found", header: words.columns.found, desktopOnly: true, cell: (p) => <span className={classes.reason}>{p.foundOn}</span> };

function Pages({ crawlId, shown, running }: { crawlId: string; shown: Shown; running: boolean }) {
  const list = useInfiniteQuery({ ...kb.queries.crawlPages(crawlId, shown), refetchInterval: running ? 2_000 : false });
  return (
    <DataTable
      label={words.tabs[shown] ?? ""}
      columns={shown === "fetched" ? [...columns, found] : [...columns, reason, found]}
      rows={list.data?.pages.flatMap((p) => p.items).filter((p) => p.kind === "page")}
      rowId={(p) => p.url}
      error={list.isError && !list.data ? <ErrorState compact detail={explain(list.error)} onRetry={() => void list.refetch()} /> : null}
      empty={
        <EmptyState compact icon={IconWorld} title={running ? words.searching : (words.none[shown] ?? "")}>
          {shown === "fetched" && !running && words.noneText}
        </EmptyState>
      }
      more={{ has: list.hasNextPage, pending: list.isFetchingNextPage, load: () => void list.fetchNextPage() }}
    />
  );
}
