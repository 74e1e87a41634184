import { DataTable, EmptyState, ErrorState, Page, PageHeader, Pill, RelativeTime, type Column } from "@parley/ui";
import { IconBook2 } from "@parley/ui/icons";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Source } from "@/api/types";
import { useCan } from "@/app/session";
import { label } from "@/lib/labels";
import { t } from "@/strings";
import { useAddDocuments } from "./AddDocuments.tsx";
import { importTone } from "./ImportProgress.tsx";
import classes from "./Knowledge.module.css";

const words = t.knowledge;

const columns: Column<Source>[] = [
  {
    id: "name",
    header: words.columns.name,
    main: true,
    sort: (s) => s.name.toLocaleLowerCase(),
    cell: (s) => (
      <div className={classes.name}>
        <Link to="/knowledge/sources/$sourceId" params={{ sourceId: s.id }} className={classes.link}>
          {s.name}
        </Link>
        <span className={classes.sub}>{s.canonical === s.name ? label(words.kinds, s.kind) : `${label(words.kinds, s.kind)} · ${s.canonical}`}</span>
      </div>
    ),
  },
  { id: "documents", header: words.columns.documents, align: "end", labelled: true, sort: (s) => s.documents, cell: (s) => t.number(s.documents) },
  { id: "passages", header: words.columns.passages, align: "end", desktopOnly: true, sort: (s) => s.chunks, cell: (s) => t.number(s.chunks) },
  { id: "audience", header: words.columns.audience, desktopOnly: true, cell: (s) => label(words.audience, s.audience) },
  {
    id: "state",
    header: words.columns.state,
    cell: (s) =>
      s.state !== "active" ? (
        <Pill tone="warning">{label(words.sourceState, s.state)}</Pill>
      ) : s.lastImport ? (
        <Pill tone={importTone[s.lastImport.state]}>{label(words.importState, s.lastImport.state)}</Pill>
      ) : (
        <Pill>{words.noImport}</Pill>
      ),
  },
  {
    id: "lastImport",
    header: words.columns.lastImport,
    align: "end",
    sort: (s) => s.lastImport?.finishedAt ?? s.createdAt,
    cell: (s) => <RelativeTime short at={s.lastImport?.finishedAt ?? s.createdAt} />,
  },
];

export function KnowledgePage() {
  const sources = useQuery(queries.sources);
  const may = useCan()("knowledge:write");
  const navigate = useNavigate();
  const add = useAddDocuments({ enabled: may });
  return (
    <Page>
      <PageHeader title={words.title} description={may ? words.description : undefined} actions={may && add.button(words.add)} />
      <DataTable
        label={words.sources}
        columns={columns}
        rows={sources.data?.items}
        rowId={(s) => s.id}
        initialSort={{ id: "name", desc: false }}
        onOpen={(s) => void navigate({ to: "/knowledge/sources/$sourceId", params: { sourceId: s.id } })}
        error={sources.isError && !sources.data ? <ErrorState detail={explain(sources.error)} onRetry={() => void sources.refetch()} /> : null}
        empty={
          <EmptyState icon={IconBook2} title={words.empty} action={may && add.button(words.add)}>
            {words.emptyText}
          </EmptyState>
        }
      />
      {may && add.rest}
    </Page>
  );
}
