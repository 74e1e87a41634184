import { ActionIcon, Button } from "@mantine/core";
import { Card, DataTable, EmptyState, Pill, RowName, type Column } from "@parley/ui";
import { IconPlus, IconSearch, IconSettings } from "@parley/ui/icons";
import { useState } from "react";
import type { CatalogueEntry, ModelCatalogue, ModelSettingsDetail } from "@/api/models";
import { Filters, SearchField } from "@/app/Filters";
import { lazyDialog } from "@/app/lazyDialog";
import { label } from "@/lib/labels";
import { mo } from "@/strings/models";
import classes from "./Models.module.css";

const PriceDialog = lazyDialog(async () => (await import("./PriceDialog.tsx")).PriceDialog);

const words = mo.models.catalogue;
type Props = { catalogue: ModelCatalogue; detail: ModelSettingsDetail; may: boolean };

const price = (value: number | null | undefined) => (value === null || value === undefined ? null : mo.models.dollars(value));

export function CatalogueCard({ catalogue, detail, may }: Props) {
  const [query, setQuery] = useState("");
  const [opened, setOpened] = useState<{ entry: CatalogueEntry | null } | null>(null);
  const nameOf = (kind: string) => catalogue.providers.find((p) => p.kind === kind)?.name ?? kind;
  const rows = catalogue.models.filter(({ model: m }) => `${m.name} ${m.model} ${nameOf(m.provider)}`.toLowerCase().includes(query.trim().toLowerCase()));
  const columns: Column<CatalogueEntry>[] = [
    {
      id: "model",
      header: words.columns.model,
      main: true,
      sort: ({ model: m }) => (m.name || m.model).toLowerCase(),
      cell: ({ model: m }) => (
        <RowName wraps sub={[nameOf(m.provider), m.name && m.name !== m.model && m.model, m.capabilities.batch && words.batch(m.prices?.batch ?? 0.5)].filter(Boolean).join(" · ")}>
          <span>{m.name || m.model}</span>
        </RowName>
      ),
    },
    { id: "kind", header: words.columns.kind, cell: ({ model: m }) => label(words.kinds, m.kind) },
    {
      id: "input",
      header: words.columns.input,
      align: "end",
      labelled: true,
      text: ({ model: m }) => m.prices?.input,
      sort: ({ model: m }) => m.prices?.input ?? -1,
      cell: ({ model: m }) => price(m.prices?.input) ?? (typeof m.prices?.searches === "number" ? words.searches(mo.models.dollars(m.prices.searches)) : <Pill tone="warning">{words.noPrice}</Pill>),
    },
    { id: "output", header: words.columns.output, align: "end", labelled: true, text: ({ model: m }) => m.prices?.output, sort: ({ model: m }) => m.prices?.output ?? -1, cell: ({ model: m }) => price(m.prices?.output) ?? words.nothing },
    { id: "origin", header: words.columns.origin, desktopOnly: true, cell: (e) => label(words.origins, e.origin) },
    {
      id: "asOf",
      header: words.columns.asOf,
      labelled: true,
      align: "end",
      text: (e) => e.model.asOf,
      cell: (e) => (
        <span className={classes.tested} title={e.stale ?? undefined}>
          {e.stale && <Pill tone="warning">{words.stale}</Pill>} {e.model.asOf}
        </span>
      ),
    },
    ...(may
      ? [
          {
            id: "actions",
            header: words.columns.actions,
            quiet: true,
            corner: true,
            align: "end" as const,
            cell: (e: CatalogueEntry) => (
              <ActionIcon aria-label={words.edit(e.model.name || e.model.model)} title={words.edit(e.model.name || e.model.model)} onClick={() => setOpened({ entry: e })}>
                <IconSettings size={16} />
              </ActionIcon>
            ),
          },
        ]
      : []),
  ];
  return (
    <Card
      flush
      title={words.title}
      description={words.text}
      actions={
        may && (
          <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setOpened({ entry: null })}>
            {words.add}
          </Button>
        )
      }
    >
      <div className={classes.filters}>
        <Filters label={words.search}>
          <SearchField label={words.search} value={query} onChange={setQuery} />
        </Filters>
      </div>
      <DataTable
        label={words.title}
        columns={columns}
        rows={rows}
        rowId={(e) => `${e.model.provider} ${e.model.model}`}
        empty={
          <EmptyState compact icon={IconSearch} title={words.empty}>
            {words.emptyText}
          </EmptyState>
        }
      />
      <PriceDialog opened={opened !== null} onClose={() => setOpened(null)} entry={opened?.entry ?? null} catalogue={catalogue} detail={detail} />
    </Card>
  );
}
