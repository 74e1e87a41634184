import { DataTable, EmptyState, Page, PageHeader, Pill, RelativeTime, RowName, type Column } from "@parley/ui";
import { IconBook2 } from "@parley/ui/icons";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { queries } from "@/api/queries";
import type { Canary, Source } from "@/api/types";
import { useCan } from "@/app/session";
import { errorOf } from "@/app/tableOf";
import { label, languageName } from "@/lib/labels";
import { t } from "@/strings";
import { kt } from "@/strings/knowledge";
import { useAddDocuments } from "./AddDocuments.tsx";
import { KnowledgeTabs } from "./KnowledgeTabs.tsx";
import classes from "./Knowledge.module.css";
import { SourceHealth } from "./SourceHealth.tsx";
import { SourceMenu } from "./SourceMenu.tsx";
import { Attention, attentionText } from "./Attention.tsx";
import { isFailing, useCanaries, useCanariesLoading } from "./useCanary.ts";
import { health } from "./sourceHealth.ts";

const words = kt.knowledge;
const time = (at: string | null) => (at ? <RelativeTime short at={at} /> : t.never);

const makeColumns = (canaries: ReadonlyMap<string, Canary>): Column<Source>[] => [
  {
    id: "name",
    header: words.columns.name,
    main: true,
    sort: (s) => s.name.toLocaleLowerCase(),
    cell: (s) => (
      <RowName sub={s.canonical === s.name || s.kind === "articles" ? label(words.kinds, s.kind) : `${label(words.kinds, s.kind)} · ${s.canonical}`}>
        <Link to="/knowledge/sources/$sourceId" params={{ sourceId: s.id }} dir="auto">
          {s.name}
        </Link>
      </RowName>
    ),
  },
  // The most pressing first: what fails must not wait at the end of the alphabet.
  { id: "state", header: words.columns.state, text: (s) => health(s, canaries.get(s.id)).name, sort: (s) => health(s, canaries.get(s.id)).rank, cell: (s) => <SourceHealth source={s} canary={canaries.get(s.id)} /> },
  { id: "attention", header: words.columns.attention, text: (s) => attentionText(s), cell: (s) => <Attention source={s} canaryFails={isFailing(canaries.get(s.id))} /> },
  { id: "documents", header: words.columns.documents, align: "end", labelled: true, text: (s) => s.documents, sort: (s) => s.documents, cell: (s) => t.number(s.documents) },
  {
    id: "audience",
    header: words.columns.audience,
    desktopOnly: true,
    sort: (s) => s.audience,
    cell: (s) => (
      <span className={classes.inline}>
        <Pill>{label(words.audience, s.audience)}</Pill>
        {s.language && <span className={classes.muted}>{languageName(s.language)}</span>}
      </span>
    ),
  },
  { id: "changed", header: words.columns.changed, align: "end", desktopOnly: true, sort: (s) => s.freshness.changedAt ?? "", cell: (s) => time(s.freshness.changedAt) },
  { id: "lastRun", header: words.columns.lastRun, align: "end", labelled: true, sort: (s) => s.freshness.lastRunAt ?? "", cell: (s) => time(s.freshness.lastRunAt) },
  {
    id: "nextRun",
    header: words.columns.nextRun,
    align: "end",
    desktopOnly: true,
    sort: (s) => s.freshness.nextRunAt ?? "",
    cell: (s) =>
      s.freshness.nextRunAt && s.state === "active" ? (
        <span title={words.schedule.every(s.freshness.scheduleHours ?? 0)}>{time(s.freshness.nextRunAt)}</span>
      ) : (
        <span className={classes.muted}>{s.kind === "website" ? words.schedule.none : null}</span>
      ),
  },
];

const menu: Column<Source> = { id: "actions", header: t.actions, quiet: true, align: "end", width: "3rem", corner: true, cell: (s) => <SourceMenu source={s} /> };

export function KnowledgePage() {
  const sources = useQuery(queries.sources);
  const may = useCan()("knowledge:write");
  const navigate = useNavigate();
  const add = useAddDocuments({ enabled: may });
  const canariesLoading = useCanariesLoading();
  const columns = makeColumns(useCanaries());
  return (
    <Page>
      <PageHeader title={words.title} description={may ? words.description : undefined} actions={may && add.button(words.add)} />
      <KnowledgeTabs active="sources" />
      <DataTable
        label={words.sources}
        columns={may ? [...columns, menu] : columns}
        rows={canariesLoading ? undefined : sources.data?.items}
        rowId={(s) => s.id}
        initialSort={{ id: "state", desc: false }}
        onOpen={(s) => void navigate({ to: "/knowledge/sources/$sourceId", params: { sourceId: s.id } })}
        error={errorOf(sources)}
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
