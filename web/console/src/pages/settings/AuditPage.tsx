import { EmptyState, RelativeTime, type Column } from "@parley/ui";
import { IconHistory } from "@parley/ui/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { queries } from "@/api/queries";
import type { AuditEntry } from "@/api/types";
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
  const list = useInfiniteQuery(queries.audit);
  return (
    <ListSection
      description={words.description}
      query={list}
      label={st.settings.sections.audit}
      columns={columns}
      {...tableOf(list)}
      rowId={(a) => a.id}
      empty={
        <EmptyState icon={IconHistory} title={words.empty}>
          {words.emptyText}
        </EmptyState>
      }
    />
  );
}
