import { DataTable, EmptyState, ErrorState, Hint, ListSkeleton, Page, PageHeader, Pill, RelativeTime, RowName, Tabs, type Column } from "@parley/ui";
import { IconFileText } from "@parley/ui/icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import type { DocumentSummary, Import } from "@/api/types";
import { SearchField } from "@/app/Filters";
import { TabLink } from "@/app/links";
import { useCan } from "@/app/session";
import { tableOf } from "@/app/tableOf";
import { byteSize, label, languageName } from "@/lib/labels";
import { t } from "@/strings";
import { kt } from "@/strings/knowledge";
import { useAddDocuments } from "./AddDocuments.tsx";
import { isUnfinished } from "./importState.ts";
import classes from "./Knowledge.module.css";
import { ArticlesLink, Freshness, WebsiteActions } from "./SourceTop.tsx";
import { useCanariesLoading } from "./useCanary.ts";

const ImportProgress = lazy(async () => ({ default: (await import("./ImportProgress.tsx")).ImportProgress }));
const Imports = lazy(async () => ({ default: (await import("./Imports.tsx")).Imports }));
const SourceSettings = lazy(async () => ({ default: (await import("./SourceSettings.tsx")).SourceSettings }));
const WebPages = lazy(async () => ({ default: (await import("./WebPages.tsx")).WebPages }));

const words = kt.knowledge.source;

export function SourcePage() {
  const { sourceId } = useParams({ from: "/knowledge/sources/$sourceId" });
  const { tab } = useSearch({ from: "/knowledge/sources/$sourceId" });
  const may = useCan()("knowledge:write");
  const source = useQuery(queries.source(sourceId));
  const imports = useQuery(queries.imports(sourceId));
  const canariesLoading = useCanariesLoading();
  const add = useAddDocuments({ enabled: may, sourceId });
  const back = <Link to="/knowledge">{kt.knowledge.back}</Link>;
  if (source.isPending || canariesLoading)
    return (
      <Page>
        <ListSkeleton rows={8} />
      </Page>
    );
  if (source.isError)
    return (
      <Page>
        <PageHeader title={kt.knowledge.title} back={back} />
        <ErrorState detail={explain(source.error)} onRetry={() => void source.refetch()} />
      </Page>
    );
  const s = source.data;
  const latest = imports.data?.items[0];
  return (
    <Page>
      <PageHeader
        back={back}
        title={s.name}
        description={
          <span className={classes.meta}>
            {t.documents(s.documents)}
            <span>{t.passages(s.chunks)}</span>
            <Pill>{label(kt.knowledge.audience, s.audience)}</Pill>
            {s.language && <span>{languageName(s.language)}</span>}
            {s.website && (
              <a href={s.website.start} target="_blank" rel="noopener noreferrer">
                {s.website.start}
              </a>
            )}
          </span>
        }
        actions={may && (s.kind === "website" ? <WebsiteActions source={s} /> : s.kind === "articles" ? <ArticlesLink /> : s.state === "active" && add.button(words.update, "default"))}
      />
      <Tabs label={s.name}>
        <Tab sourceId={sourceId} name={words.documents} active={tab === undefined} />
        {s.kind === "website" && <Tab sourceId={sourceId} name={kt.knowledge.pages.title} tab="pages" active={tab === "pages"} />}
        <Tab sourceId={sourceId} name={words.imports} tab="imports" active={tab === "imports"} />
        {may && <Tab sourceId={sourceId} name={words.settings} tab="settings" active={tab === "settings"} />}
      </Tabs>
      <div className={classes.stack}>
        <Freshness source={s} />
        {tab === undefined && latest && <LatestImport latest={latest} website={s.kind === "website"} />}
        <Suspense fallback={<ListSkeleton rows={8} />}>
          {tab === "settings" && may ? <SourceSettings source={s} /> : tab === "imports" ? <Imports sourceId={sourceId} /> : tab === "pages" ? <WebPages websiteId={sourceId} /> : imports.isPending ? <ListSkeleton rows={8} /> : <Documents sourceId={sourceId} />}
        </Suspense>
      </div>
      {may && add.rest}
    </Page>
  );
}

/** The import that runs, or what the last one could not do. It comes together with the documents, which it would push down otherwise. */
function LatestImport({ latest: i, website }: { latest: Import; website: boolean }) {
  if (isUnfinished(i.state))
    return (
      <Suspense fallback={null}>
        <ImportProgress importId={i.id} />
      </Suspense>
    );
  if (i.state !== "failed" && i.failed === 0) return null;
  return (
    <Hint tone={i.state === "failed" ? "danger" : "warning"}>
      {i.state === "failed" ? (i.error ?? words.importFailed) : (website ? words.pagesFailed : words.filesFailed)(i.failed)}{" "}
      <Link to="/knowledge/sources/$sourceId" params={{ sourceId: i.sourceId }} search={{ tab: "imports", import: i.id }} className={classes.inherit}>
        {words.showImport}
      </Link>
    </Hint>
  );
}

function Tab({ sourceId, name, tab, active }: { sourceId: string; name: string; tab?: "imports" | "settings" | "pages"; active: boolean }) {
  return (
    <TabLink
      to="/knowledge/sources/$sourceId"
      params={{ sourceId }}
      search={tab ? { tab } : {}}
      activeOptions={{ exact: true, includeSearch: true }}
      aria-current={active ? "page" : undefined}
    >
      {name}
    </TabLink>
  );
}

const documentColumns: Column<DocumentSummary>[] = [
  {
    id: "title",
    header: words.columns.title,
    main: true,
    below: { header: words.columns.path, text: (d) => d.path },
    cell: (d) => (
      <RowName sub={d.path}>
        <Link to="/knowledge/documents/$documentId" params={{ documentId: d.id }} dir="auto">
          {d.title}
        </Link>
      </RowName>
    ),
  },
  { id: "language", header: words.columns.language, desktopOnly: true, cell: (d) => languageName(d.language) },
  { id: "chunks", header: words.columns.passages, align: "end", text: (d) => d.chunks, cell: (d) => t.passages(d.chunks) },
  { id: "size", header: words.columns.size, align: "end", desktopOnly: true, text: (d) => d.byteSize, cell: (d) => byteSize(d.byteSize) },
  { id: "updated", header: words.columns.updated, align: "end", cell: (d) => <RelativeTime short at={d.updatedAt} /> },
];

function Documents({ sourceId }: { sourceId: string }) {
  const { q } = useSearch({ from: "/knowledge/sources/$sourceId" });
  const navigate = useNavigate({ from: "/knowledge/sources/$sourceId" });
  const query = queries.documents({ sourceId, ...(q && { q }) });
  const list = useInfiniteQuery(query);
  return (
    <>
      <div className={classes.narrow}>
        <SearchField label={words.search} value={q ?? ""} onChange={(value) => void navigate({ search: (old) => ({ ...(old.tab && { tab: old.tab }), ...(value && { q: value }) }), replace: true })} />
      </div>
      <DataTable
        label={words.documents}
        columns={documentColumns}
        {...tableOf(list, query)}
        rowId={(d) => d.id}
        onOpen={(d) => void navigate({ to: "/knowledge/documents/$documentId", params: { documentId: d.id }, search: {} })}
        empty={
          <EmptyState icon={IconFileText} title={q ? words.emptySearch : words.empty}>
            {q ? words.emptySearchText : words.emptyText}
          </EmptyState>
        }
      />
    </>
  );
}
