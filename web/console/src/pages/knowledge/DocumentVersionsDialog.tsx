import { Dialog, ErrorState, ListSkeleton, RelativeTime, VersionList } from "@parley/ui";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "@/api/problem";
import * as kb from "@/api/knowledge";
import { fromLines } from "@/lib/diff";
import { kt } from "@/strings/knowledge";
import { Hunks } from "./DiffView.tsx";
import classes from "./DocumentVersions.module.css";

const words = kt.knowledge.document;

/** What a document said before: each version, and what the one after it changed. */
export function DocumentVersionsDialog({ opened, onClose, documentId }: { opened: boolean; onClose: () => void; documentId: string }) {
  const list = useQuery(kb.queries.documentVersions(documentId));
  const [chosen, setChosen] = useState<number | null>(null);
  const items = list.data?.items ?? [];
  const to = chosen ?? items[0]?.version;
  const from = items.find((v) => to !== undefined && v.version < to)?.version;
  return (
    <Dialog side opened={opened} onClose={onClose} title={words.versions}>
      {list.isPending ? (
        <ListSkeleton rows={4} />
      ) : list.isError ? (
        <ErrorState compact detail={explain(list.error)} onRetry={() => void list.refetch()} />
      ) : (
        <VersionList
          items={items.map((v) => ({ version: v.version, name: words.version(v.version), note: v.replacedAt === null ? words.current : <RelativeTime at={v.createdAt} /> }))}
          chosen={to}
          onChoose={setChosen}
        >
          {to !== undefined && from !== undefined && <Difference documentId={documentId} from={from} to={to} />}
        </VersionList>
      )}
    </Dialog>
  );
}

function Difference({ documentId, from, to }: { documentId: string; from: number; to: number }) {
  const diff = useQuery(kb.queries.documentDiff(documentId, from, to));
  if (diff.isPending) return <ListSkeleton rows={6} height={20} />;
  if (diff.isError) return <ErrorState compact detail={explain(diff.error)} onRetry={() => void diff.refetch()} />;
  return (
    <section className={classes.difference}>
      <p className={classes.muted}>{words.changedLines(diff.data.added, diff.data.removed)}</p>
      <Hunks hunks={fromLines(diff.data.lines)} />
    </section>
  );
}
