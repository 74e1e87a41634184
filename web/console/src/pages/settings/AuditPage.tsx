import { Button, NativeSelect } from "@mantine/core";
import { EmptyState, RelativeTime, type Column } from "@parley/ui";
import { IconDownload, IconHistory } from "@parley/ui/icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { AuditEntry } from "@/api/types";
import { queries } from "@/api/queries";
import * as ws from "@/api/workspace";
import { Filters, SearchField } from "@/app/Filters";
import { useCan } from "@/app/session";
import { tableOf } from "@/app/tableOf";
import { label } from "@/lib/labels";
import { st } from "@/strings/settings";
import { ListSection, Needs } from "./SettingsPage.tsx";
import classes from "./Settings.module.css";

const words = st.settings.audit;

const columns: Column<AuditEntry>[] = [
  {
    id: "action",
    header: words.columns.action,
    main: true,
    cell: (a) => (
      <details>
        <summary>{label(words.actions, a.action)}</summary>
        <pre className={classes.payload} tabIndex={0}>
          {JSON.stringify({ action: a.action, target: a.targetId, payload: a.payload }, null, 2)}
        </pre>
      </details>
    ),
  },
  {
    id: "actor",
    header: words.columns.actor,
    cell: (a) => a.actorName ?? label(words.actors, a.actorKind),
  },
  { id: "target", header: words.columns.target, cell: (a) => label(words.targets, a.targetKind) },
  { id: "at", header: words.columns.at, align: "end", cell: (a) => <RelativeTime short at={a.at} /> },
];

export function AuditPage() {
  return (
    <Needs permission="audit:read">
      <Audit />
    </Needs>
  );
}

function Audit() {
  const [filter, setFilter] = useState<ws.AuditFilter>({});
  const list = useInfiniteQuery(ws.queries.audit(filter));
  const mayKnow = useCan()("members:read");
  const members = useQuery({ ...queries.members, enabled: mayKnow });
  const asked = Boolean(filter.q || filter.memberId);
  return (
    <>
    <Filters label={words.search}>
      <SearchField label={words.search} value={filter.q ?? ""} onChange={(q) => setFilter((old) => ({ ...old, q: q || undefined }))} />
      {mayKnow && (
        <NativeSelect
          aria-label={words.by}
          value={filter.memberId ?? ""}
          onChange={(e) => {
            const memberId = e.currentTarget.value || undefined;
            setFilter((old) => ({ ...old, memberId }));
          }}
          data={[{ value: "", label: words.anybody }, ...(members.data?.items ?? []).map((m) => ({ value: m.userId, label: m.name }))]}
        />
      )}
      <Button component="a" href={ws.team.auditFile(filter)} download variant="default" leftSection={<IconDownload size={16} />}>
        {words.exportCsv}
      </Button>
    </Filters>
    <ListSection
      description={words.description}
      query={list}
      label={st.settings.sections.audit}
      columns={columns}
      {...tableOf(list)}
      exported={false}
      rowId={(a) => a.id}
      empty={
        <EmptyState icon={IconHistory} title={asked ? words.nothing : words.empty}>
          {asked ? words.nothingText : words.emptyText}
        </EmptyState>
      }
    />
    </>
  );
}
