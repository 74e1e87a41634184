import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { DataTable, EmptyState, ErrorState, ListSkeleton, Page, PageHeader, Pill, RelativeTime, type Column } from "@parley/ui";
import { IconFileText, IconHistory, IconSearch } from "@parley/ui/icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import type { DocumentSummary, Import } from "@/api/types";
import { useCan } from "@/app/session";
import { byteSize, label, languageName } from "@/lib/labels";
import { t } from "@/strings";
import { useAddDocuments } from "./AddDocuments.tsx";
import { ImportProgress, importTone, isUnfinished } from "./ImportProgress.tsx";
import classes from "./Knowledge.module.css";
import { SourceSettings } from "./SourceSettings.tsx";

const words = t.knowledge.source;

export function SourcePage() {
  const { sourceId } = useParams({ from: "/knowledge/sources/$sourceId" });
  const { tab } = useSearch({ from: "/knowledge/sources/$sourceId" });
  const may = useCan()("knowledge:write");
  const source = useQuery(queries.source(sourceId));
  const imports = useQuery(queries.imports(sourceId));
  const add = useAddDocuments({ enabled: may, sourceId });
  const back = <Link to="/knowledge">{t.knowledge.back}</Link>;
  if (source.isPending)
    return (
      <Page>
        <ListSkeleton rows={8} />
      </Page>
    );
  if (source.isError)
    return (
      <Page>
        <PageHeader title={t.knowledge.title} back={back} />
        <ErrorState detail={explain(source.error)} onRetry={() => void source.refetch()} />
      </Page>
    );
  const s = source.data;
  const latest = imports.data?.items[0];
  const noteworthy = latest && tab !== "settings" && tab !== "imports" && (isUnfinished(latest.state) || latest.failed > 0 || latest.state === "failed");
  return (
    <Page>
      <PageHeader
        back={back}
        title={s.name}
        description={
          <span className={classes.meta}>
            {t.documents(s.documents)}
            <span>{t.passages(s.chunks)}</span>
            <Pill>{label(t.knowledge.audience, s.audience)}</Pill>
            {s.state !== "active" && <Pill tone="warning">{label(t.knowledge.sourceState, s.state)}</Pill>}
          </span>
        }
        actions={may && s.state === "active" && add.button(words.update, "default")}
      />
      <nav className={classes.tabs} aria-label={s.name}>
        <Tab sourceId={sourceId} name={words.documents} active={tab === undefined} />
        <Tab sourceId={sourceId} name={words.imports} tab="imports" active={tab === "imports"} />
        {may && <Tab sourceId={sourceId} name={words.settings} tab="settings" active={tab === "settings"} />}
      </nav>
      <div className={classes.stack}>
        {noteworthy && <ImportProgress importId={latest.id} />}
        {tab === "settings" && may ? <SourceSettings source={s} /> : tab === "imports" ? <Imports sourceId={sourceId} /> : <Documents sourceId={sourceId} />}
      </div>
      {may && add.rest}
    </Page>
  );
}

function Tab({ sourceId, name, tab, active }: { sourceId: string; name: string; tab?: "imports" | "settings"; active: boolean }) {
  return (
    <Link
      to="/knowledge/sources/$sourceId"
      params={{ sourceId }}
      search={tab ? { tab } : {}}
      className={classes.tab}
      activeOptions={{ exact: true, includeSearch: true }}
      aria-current={active ? "page" : undefined}
    >
      {name}
    </Link>
  );
}

const documentColumns: Column<DocumentSummary>[] = [
  {
    id: "title",
    header: words.columns.title,
    main: true,
    cell: (d) => (
      <div className={classes.name}>
        <Link to="/knowledge/documents/$documentId" params={{ documentId: d.id }} className={classes.link}>
          {d.title}
        </Link>
        <span className={classes.sub}>{d.path}</span>
      </div>
    ),
  },
  { id: "language", header: words.columns.language, desktopOnly: true, cell: (d) => languageName(d.language) },
  { id: "chunks", header: words.columns.passages, align: "end", cell: (d) => t.passages(d.chunks) },
  { id: "size", header: words.columns.size, align: "end", desktopOnly: true, cell: (d) => byteSize(d.byteSize) },
  { id: "updated", header: words.columns.updated, align: "end", cell: (d) => <RelativeTime short at={d.updatedAt} /> },
];

function Documents({ sourceId }: { sourceId: string }) {
  const { q } = useSearch({ from: "/knowledge/sources/$sourceId" });
  const navigate = useNavigate({ from: "/knowledge/sources/$sourceId" });
  const list = useInfiniteQuery(queries.documents({ sourceId, ...(q && { q }) }));
  const [text, setText] = useState(q ?? "");
  const search = useDebouncedCallback((value: string) => void navigate({ search: (old) => ({ ...(old.tab && { tab: old.tab }), ...(value && { q: value }) }), replace: true }), 250);
  return (
    <>
      <TextInput
        type="search"
        className={classes.narrow}
        aria-label={words.search}
        placeholder={words.search}
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(e) => {
          setText(e.currentTarget.value);
          search(e.currentTarget.value.trim());
        }}
      />
      <DataTable
        label={words.documents}
        columns={documentColumns}
        rows={list.data?.pages.flatMap((p) => p.items)}
        rowId={(d) => d.id}
        onOpen={(d) => void navigate({ to: "/knowledge/documents/$documentId", params: { documentId: d.id }, search: {} })}
        error={list.isError && !list.data ? <ErrorState detail={explain(list.error)} onRetry={() => void list.refetch()} /> : null}
        empty={
          <EmptyState icon={IconFileText} title={q ? words.emptySearch : words.empty}>
            {q ? words.emptySearchText : words.emptyText}
          </EmptyState>
        }
        more={{ has: list.hasNextPage, pending: list.isFetchingNextPage, load: () => void list.fetchNextPage() }}
      />
    </>
  );
}

function Imports({ sourceId }: { sourceId: string }) {
  const list = useQuery(queries.imports(sourceId));
  const chosen = useSearch({ from: "/knowledge/sources/$sourceId" }).import;
  const navigate = useNavigate({ from: "/knowledge/sources/$sourceId" });
  const p = t.knowledge.progress;
  const columns: Column<Import>[] = [
    {
      id: "at",
      header: words.importedAt,
      main: true,
      cell: (i) => (
        <Link to="/knowledge/sources/$sourceId" params={{ sourceId }} search={{ tab: "imports", import: i.id }} className={classes.link}>
          <RelativeTime at={i.createdAt} />
        </Link>
      ),
    },
    { id: "state", header: t.knowledge.columns.state, cell: (i) => <Pill tone={importTone[i.state]}>{label(t.knowledge.importState, i.state)}</Pill> },
    { id: "added", header: p.added, align: "end", desktopOnly: true, cell: (i) => t.number(i.added) },
    { id: "changed", header: p.changed, align: "end", desktopOnly: true, cell: (i) => t.number(i.changed) },
    { id: "removed", header: p.removed, align: "end", desktopOnly: true, cell: (i) => t.number(i.removed) },
    { id: "failed", header: p.failedFiles, align: "end", cell: (i) => (i.failed > 0 ? <Pill tone="danger">{t.knowledge.withErrors(i.failed)}</Pill> : t.number(0)) },
  ];
  return (
    <>
      {chosen && <ImportProgress importId={chosen} />}
      <DataTable
        label={words.imports}
        columns={columns}
        rows={list.data?.items}
        rowId={(i) => i.id}
        onOpen={(i) => void navigate({ search: { tab: "imports", import: i.id } })}
        error={list.isError && !list.data ? <ErrorState detail={explain(list.error)} onRetry={() => void list.refetch()} /> : null}
        empty={<EmptyState icon={IconHistory} title={words.noImports} />}
      />
    </>
  );
}
