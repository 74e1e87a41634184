import { Button, NativeSelect } from "@mantine/core";
import { DataTable, EmptyState, Page, PageHeader, Pill, RelativeTime, RowName, type Column } from "@parley/ui";
import { IconFileText, IconFolders, IconPlus } from "@parley/ui/icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { ArticleItem } from "@/api/types";
import * as kb from "@/api/knowledge";
import { lazyDialog } from "@/app/lazyDialog";
import { ButtonLink } from "@/app/links";
import { useCan } from "@/app/session";
import { tableOf } from "@/app/tableOf";
import { label, languageName } from "@/lib/labels";
import { Filters, SearchField } from "@/app/Filters";
import { KnowledgeTabs } from "@/pages/knowledge/KnowledgeTabs";
import { kt } from "@/strings/knowledge";
import { stateTone } from "./stateTone.ts";
import classes from "./Articles.module.css";

const CollectionsDialog = lazyDialog(async () => (await import("./CollectionsDialog.tsx")).CollectionsDialog);

const words = kt.articles;

export function ArticlesPage() {
  const filter = useSearch({ from: "/knowledge/articles" });
  const navigate = useNavigate({ from: "/knowledge/articles" });
  const may = useCan()("knowledge:write");
  const query = kb.queries.articles({ q: filter.q, state: filter.state, collectionId: filter.collection });
  const list = useInfiniteQuery(query);
  const collections = useQuery(kb.queries.collections).data?.items ?? [];
  const [managing, setManaging] = useState(false);
  const set = (change: Partial<typeof filter>) =>
    void navigate({ search: (old) => Object.fromEntries(Object.entries({ ...old, ...change }).filter(([, v]) => v)), replace: true });
  const filtered = Object.keys(filter).length > 0;

  const columns: Column<ArticleItem>[] = [
    {
      id: "title",
      header: words.columns.title,
      main: true,
      below: { header: words.columns.slug, text: (a) => a.slug },
      cell: (a) => (
        <RowName sub={a.slug}>
          <Link to="/knowledge/articles/$articleId" params={{ articleId: a.id }} search={{ locale: a.locale }} dir="auto">
            {a.title}
          </Link>
        </RowName>
      ),
    },
    { id: "state", header: words.columns.state, cell: (a) => <Pill tone={stateTone[a.state]}>{label(words.states, a.state)}</Pill> },
    { id: "published", header: words.columns.published, text: (a) => a.publishedVersion, cell: (a) => (a.publishedVersion === null ? <span className={classes.muted}>{words.notPublished}</span> : words.version(a.publishedVersion)) },
    { id: "locale", header: words.columns.language, cell: (a) => languageName(a.locale) },
    { id: "collection", header: words.columns.collection, desktopOnly: true, cell: (a) => collections.find((c) => c.id === a.collectionId)?.name },
    { id: "updated", header: words.columns.updated, align: "end", cell: (a) => <RelativeTime short at={a.updatedAt} /> },
  ];
  const write = may && (
    <ButtonLink to="/knowledge/articles/$articleId" params={{ articleId: "new" }} search={{}} leftSection={<IconPlus size={16} />}>
      {kt.knowledge.addArticle}
    </ButtonLink>
  );

  return (
    <Page>
      <PageHeader
        title={kt.knowledge.title}
        description={words.description}
        actions={
          <>
            {may && (
              <Button variant="default" leftSection={<IconFolders size={16} />} onClick={() => setManaging(true)}>
                {words.collections.title}
              </Button>
            )}
            {write}
          </>
        }
      />
      <KnowledgeTabs active="articles" />
      <Filters label={words.filters}>
        <SearchField label={words.search} value={filter.q ?? ""} onChange={(q) => set({ q })} />
        <NativeSelect
          aria-label={words.columns.state}
          value={filter.state ?? ""}
          onChange={(e) => set({ state: e.currentTarget.value })}
          data={[{ value: "", label: words.anyState }, ...Object.entries(words.states).map(([value, text]) => ({ value, label: text }))]}
        />
        <NativeSelect
          aria-label={words.columns.collection}
          value={filter.collection ?? ""}
          onChange={(e) => set({ collection: e.currentTarget.value })}
          data={[{ value: "", label: words.anyCollection }, ...collections.map((c) => ({ value: c.id, label: c.name }))]}
        />
      </Filters>
      <DataTable
        label={kt.knowledge.articles}
        columns={columns}
        {...tableOf(list, query)}
        rowId={(a) => `${a.id}:${a.locale}`}
        onOpen={(a) => void navigate({ to: "/knowledge/articles/$articleId", params: { articleId: a.id }, search: { locale: a.locale } })}
        empty={
          <EmptyState icon={IconFileText} title={filtered ? words.emptyFiltered : words.empty} action={!filtered && write}>
            {filtered ? words.emptyFilteredText : words.emptyText}
          </EmptyState>
        }
      />
      <CollectionsDialog opened={managing} onClose={() => setManaging(false)} />
    </Page>
  );
}
