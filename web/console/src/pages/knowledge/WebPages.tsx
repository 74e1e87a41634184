import { type Column, DataTable, EmptyState, Pill, RelativeTime, RowName, Segmented } from "@parley/ui";
import { IconWorld } from "@parley/ui/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { WebPage, WebPageState } from "@/api/types";
import * as kb from "@/api/knowledge";
import { tableOf } from "@/app/tableOf";
import { t } from "@/strings";
import { kt } from "@/strings/knowledge";
import classes from "./Knowledge.module.css";

const words = kt.knowledge.pages;

const columns: Column<WebPage>[] = [
  {
    id: "page",
    header: words.columns.page,
    main: true,
    cell: (p) => (
      <RowName sub={p.title && <span dir="ltr">{p.url}</span>}>
        {p.documentId ? (
          <Link to="/knowledge/documents/$documentId" params={{ documentId: p.documentId }} search={{}} dir="auto">
            {p.title ?? p.url}
          </Link>
        ) : (
          <span dir="auto">{p.title ?? p.url}</span>
        )}
      </RowName>
    ),
  },
  {
    id: "state",
    header: words.columns.state,
    cell: (p) => (
      <div className={classes.health}>
        {p.goneAt ? <Pill>{words.gone}</Pill> : p.failingSince ? <Pill tone="danger">{words.failing}</Pill> : <Pill tone="success">{words.fresh}</Pill>}
        {(p.goneAt ?? p.failingSince) && (
          <span className={classes.healthDetail} title={p.failure ?? undefined}>
            <RelativeTime short at={p.goneAt ?? p.failingSince ?? ""} />
            {p.failure && ` · ${p.failure}`}
          </span>
        )}
      </div>
    ),
  },
  { id: "changed", header: words.columns.changed, align: "end", labelled: true, cell: (p) => (p.changedAt ? <RelativeTime short at={p.changedAt} /> : p.goneAt ? null : t.never) },
  { id: "checked", header: words.columns.checked, align: "end", desktopOnly: true, cell: (p) => <RelativeTime short at={p.checkedAt} /> },
];

/** What is known of each page of a website: which changed, which fails since when and why, which is gone. */
export function WebPages({ websiteId }: { websiteId: string }) {
  const [state, setState] = useState<"all" | WebPageState>("all");
  const query = kb.queries.webPages(websiteId, state === "all" ? undefined : state);
  const list = useInfiniteQuery(query);
  return (
    <>
      <div>
        <Segmented
          size="xs"
          aria-label={words.which}
          value={state}
          onChange={(v) => setState(v as typeof state)}
          data={Object.entries(words.states).map(([value, label]) => ({ value, label }))}
        />
      </div>
      <DataTable
        label={words.title}
        columns={columns}
        {...tableOf(list, query)}
        rowId={(p) => p.url}
        empty={
          <EmptyState icon={IconWorld} title={words.empty}>
            {words.emptyText[state]}
          </EmptyState>
        }
      />
    </>
  );
}
