import { Button, Checkbox } from "@mantine/core";
import { DataTable, EmptyState, Page, PageHeader, RelativeTime, RowName, toasts, type Column } from "@parley/ui";
import { IconCoin, IconDownload, IconX } from "@parley/ui/icons";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { costQueries, dimensions, type CallFilter, type CostCall } from "@/api/costs";
import { explain } from "@/api/problem";
import { Filters } from "@/app/Filters";
import { ButtonLink } from "@/app/links";
import { useCan } from "@/app/session";
import { tableOf } from "@/app/tableOf";
import { Needs } from "@/pages/settings/SettingsPage";
import { exact, mt } from "@/strings/costs";
import { CostTabs } from "./CostTabs.tsx";
import classes from "./Costs.module.css";
import { allCalls, callsCsv, download, maxExported } from "./exportCsv.ts";
import { useNames, type NameOf } from "./names.ts";

const words = mt.costs;

/** The calls behind a number. */
export function CallsPage() {
  return (
    <Needs permission="costs:read">
      <Calls />
    </Needs>
  );
}

function Calls() {
  const filter = useSearch({ from: "/costs/calls" });
  const navigate = useNavigate();
  const list = useInfiniteQuery(costQueries.calls(filter));
  const names = useNames();
  const mayOpen = useCan()("conversations:read");
  const only = dimensions.filter((d) => d !== "day" && filter[d] !== undefined) as Exclude<(typeof dimensions)[number], "day">[];
  const without = (keys: readonly (keyof CallFilter)[]) => void navigate({ to: "/costs/calls", search: Object.fromEntries(Object.entries(filter).filter(([k]) => !keys.includes(k as keyof CallFilter))) });
  return (
    <Page>
      <PageHeader title={words.title} description={words.callsDescription} actions={<Export filter={filter} />} />
      <CostTabs active="calls" />
      <Filters label={words.filters}>
        <Chip onRemove={filter.from || filter.to ? () => without(["from", "to"]) : undefined}>
          {filter.from || filter.to ? words.days(filter.from ? words.day(filter.from) : "…", filter.to ? words.day(filter.to) : words.today) : words.earlier}
        </Chip>
        {only.map((d) => (
          <Chip key={d} onRemove={() => without([d])}>
            {words.dimensions[d]}: {names(d, filter[d])}
          </Chip>
        ))}
        {filter.turn && <Chip onRemove={() => without(["turn"])}>{words.turnFilter}</Chip>}
        <Checkbox
          label={words.unsettledOnly}
          checked={filter.settled === false}
          onChange={(e) => void navigate({ to: "/costs/calls", search: (s) => ({ ...s, settled: e.currentTarget.checked ? (false as const) : undefined }) })}
        />
      </Filters>
      <DataTable
        label={words.calls}
        columns={columnsOf(names, mayOpen)}
        {...tableOf(list)}
        exported={false}
        rowId={(c) => c.id}
        empty={
          <EmptyState
            icon={IconCoin}
            title={words.noCalls}
            action={
              Object.keys(filter).length > 0 && (
                <ButtonLink variant="default" to="/costs/calls" search={{}}>
                  {words.showAll}
                </ButtonLink>
              )
            }
          >
            {Object.keys(filter).length > 0 ? words.noCallsText : words.emptyText}
          </EmptyState>
        }
      />
    </Page>
  );
}

function Chip({ children, onRemove }: { children: React.ReactNode; onRemove: (() => void) | undefined }) {
  return (
    <span className={classes.chip}>
      <span>{children}</span>
      {onRemove && (
        <button type="button" onClick={onRemove} aria-label={words.removeFilter(Array.isArray(children) ? children.join("") : String(children))}>
          <IconX size={14} aria-hidden />
        </button>
      )}
    </span>
  );
}

function Export({ filter }: { filter: CallFilter }) {
  const [read, setRead] = useState(0);
  const run = useMutation({
    mutationFn: () => allCalls(filter, setRead),
    onSuccess: ({ calls, whole }) => {
      download(`calls${filter.from ? `-${filter.from}` : ""}${filter.to ? `-${filter.to}` : ""}.csv`, callsCsv(calls));
      if (!whole) toasts.error(words.exportCut(maxExported));
    },
    onError: (e) => toasts.error(explain(e) || words.exportFailed),
  });
  return (
    <Button variant="default" leftSection={<IconDownload size={16} />} disabled={run.isPending} onClick={() => run.mutate()}>
      {run.isPending ? words.exporting(read) : words.export}
    </Button>
  );
}

const columnsOf = (names: NameOf, mayOpen: boolean): Column<CostCall>[] => [
  {
    id: "model",
    header: words.columns.model,
    main: true,
    cell: (c) => (
      <RowName sub={[names("provider", c.provider), c.tier && names("tier", c.tier), c.batch && words.batch].filter(Boolean).join(" · ")}>
        <span>{c.model}</span>
      </RowName>
    ),
  },
  { id: "what", header: words.columns.what, cell: (c) => names("feature", c.feature) },
  {
    id: "tokens",
    header: words.columns.tokens,
    align: "end",
    labelled: true,
    cell: (c) => (
      <span title={c.cachedTokens > 0 ? words.cachedOf(words.tokens(c.cachedTokens)) : undefined}>
        {words.tokens(c.inputTokens + c.cachedTokens + c.cacheWriteTokens)} / {words.tokens(c.outputTokens)}
        {c.cachedTokens > 0 && <span className={classes.sub}>{words.cachedOf(words.tokens(c.cachedTokens))}</span>}
      </span>
    ),
  },
  {
    id: "cost",
    header: words.columns.cost,
    align: "end",
    labelled: true,
    cell: (c) => (
      <span>
        {exact(c.cost)}
        {!c.settled && (
          <span className={classes.sub} title={words.atReserveText}>
            {words.atReserve}
          </span>
        )}
      </span>
    ),
  },
  { id: "latency", header: words.columns.latency, align: "end", desktopOnly: true, cell: (c) => (c.latencyMs === null ? "–" : words.ms(c.latencyMs)) },
  { id: "at", header: words.columns.at, align: "end", cell: (c) => <RelativeTime short at={c.at} /> },
  {
    id: "turn",
    header: words.columns.link,
    quiet: true,
    align: "end",
    cell: (c) =>
      mayOpen &&
      c.conversationId && (
        <Link to="/conversations/$conversationId" params={{ conversationId: c.conversationId }} search={c.turnId ? { turn: c.turnId } : {}}>
          {c.turnId ? words.trace : words.dimensions.conversation}
        </Link>
      ),
  },
];
