import { DataTable, EmptyState, Pill, RelativeTime, RowName, type Column } from "@parley/ui";
import { IconHistory } from "@parley/ui/icons";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { queries } from "@/api/queries";
import type { Import } from "@/api/types";
import { errorOf } from "@/app/tableOf";
import { t } from "@/strings";
import { kt } from "@/strings/knowledge";
import { ImportProgress } from "./ImportProgress.tsx";
import { importName, importTone } from "./importState.ts";

const words = kt.knowledge.source;

export function Imports({ sourceId }: { sourceId: string }) {
  const list = useQuery(queries.imports(sourceId));
  const chosen = useSearch({ from: "/knowledge/sources/$sourceId" }).import;
  const navigate = useNavigate({ from: "/knowledge/sources/$sourceId" });
  const p = kt.knowledge.progress;
  const columns: Column<Import>[] = [
    {
      id: "at",
      header: words.importedAt,
      main: true,
      cell: (i) => (
        <RowName>
          <Link to="/knowledge/sources/$sourceId" params={{ sourceId }} search={{ tab: "imports", import: i.id }}>
            <RelativeTime at={i.createdAt} />
          </Link>
        </RowName>
      ),
    },
    { id: "state", header: kt.knowledge.columns.state, cell: (i) => <Pill tone={importTone[i.state]}>{importName(i.state)}</Pill> },
    { id: "added", header: p.added, align: "end", labelled: true, text: (i) => i.added, cell: (i) => t.number(i.added) },
    { id: "changed", header: p.changed, align: "end", labelled: true, text: (i) => i.changed, cell: (i) => t.number(i.changed) },
    { id: "removed", header: p.removed, align: "end", labelled: true, text: (i) => i.removed, cell: (i) => t.number(i.removed) },
    { id: "failed", header: p.failedFiles, align: "end", labelled: true, text: (i) => i.failed, cell: (i) => (i.failed > 0 ? <Pill tone="danger">{kt.knowledge.withErrors(i.failed)}</Pill> : t.number(0)) },
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
        error={errorOf(list)}
        empty={<EmptyState icon={IconHistory} title={words.noImports} />}
      />
    </>
  );
}
