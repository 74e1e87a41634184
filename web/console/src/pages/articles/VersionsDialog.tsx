import { Button } from "@mantine/core";
import { Dialog, EmptyState, ErrorState, ListSkeleton, Markdown, RelativeTime, Segmented, VersionList } from "@parley/ui";
import { IconHistory } from "@parley/ui/icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "@/api/problem";
import * as kb from "@/api/knowledge";
import { kt } from "@/strings/knowledge";
import classes from "./Articles.module.css";
import { DiffView } from "@/pages/knowledge/DiffView";

const words = kt.articles.editor;

type Props = { opened: boolean; onClose: () => void; articleId: string; locale: string; draft: string; onRestore: (text: { title: string; body: string }) => void };

/** What was published, what the draft changes of it, and the way back. */
export function VersionsDialog({ opened, onClose, articleId, locale, draft, onRestore }: Props) {
  const list = useQuery(kb.queries.articleVersions(articleId, locale));
  const [chosen, setChosen] = useState<number | null>(null);
  const version = chosen ?? list.data?.items[0]?.version;
  return (
    <Dialog side opened={opened} onClose={onClose} title={words.versions}>
      {list.isPending ? (
        <ListSkeleton rows={4} />
      ) : list.isError ? (
        <ErrorState compact detail={explain(list.error)} onRetry={() => void list.refetch()} />
      ) : list.data.items.length === 0 ? (
        <EmptyState compact icon={IconHistory} title={words.versionsEmpty} />
      ) : (
        <VersionList
          items={list.data.items.map((v) => ({ version: v.version, name: kt.articles.version(v.version), note: <RelativeTime at={v.publishedAt} /> }))}
          chosen={version}
          onChoose={setChosen}
        >
          {version !== undefined && <OneVersion articleId={articleId} locale={locale} version={version} draft={draft} onRestore={onRestore} />}
        </VersionList>
      )}
    </Dialog>
  );
}

function OneVersion({ articleId, locale, version, draft, onRestore }: Omit<Props, "opened" | "onClose"> & { version: number }) {
  const one = useQuery(kb.queries.articleVersion(articleId, locale, version));
  const [view, setView] = useState<"diff" | "text">("diff");
  if (one.isPending) return <ListSkeleton rows={6} height={20} />;
  if (one.isError) return <ErrorState compact detail={explain(one.error)} onRetry={() => void one.refetch()} />;
  const body = one.data.body ?? "";
  return (
    <section className={classes.oneVersion}>
      <div className={classes.bar}>
        <Segmented
          size="xs"
          aria-label={words.view}
          value={view}
          onChange={(v) => setView(v as typeof view)}
          data={[
            { value: "diff", label: words.compare },
            { value: "text", label: words.body },
          ]}
        />
        <Button size="compact-sm" variant="default" disabled={body === draft} onClick={() => onRestore({ title: one.data.title, body })}>
          {words.restore}
        </Button>
      </div>
      {view === "diff" ? <DiffView before={body} after={draft} /> : <Markdown text={body} />}
    </section>
  );
}
