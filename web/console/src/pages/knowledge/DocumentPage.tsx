import { Button } from "@mantine/core";
import { confirm, EmptyState, ErrorState, ListSkeleton, Markdown, Page, PageHeader, Pill, RelativeTime, Segmented, toasts } from "@parley/ui";
import { IconExternalLink, IconFileText, IconHistory, IconTrash } from "@parley/ui/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import * as api from "@/api/calls";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import type { DocumentDetail } from "@/api/types";
import { lazyDialog } from "@/app/lazyDialog";
import { useCan } from "@/app/session";
import { byteSize, label, languageName } from "@/lib/labels";
import { t } from "@/strings";
import { kt } from "@/strings/knowledge";
import classes from "./DocumentPage.module.css";

const DocumentVersionsDialog = lazyDialog(async () => (await import("./DocumentVersionsDialog.tsx")).DocumentVersionsDialog);

const words = kt.knowledge.document;

export function DocumentPage() {
  const { documentId } = useParams({ from: "/knowledge/documents/$documentId" });
  const document = useQuery(queries.document(documentId));
  const back = <Link to="/knowledge">{kt.knowledge.back}</Link>;
  if (document.isPending)
    return (
      <Page>
        <ListSkeleton rows={6} height={72} gap={16} />
      </Page>
    );
  if (document.isError)
    return (
      <Page>
        <PageHeader title={kt.knowledge.title} back={back} />
        <ErrorState detail={explain(document.error)} onRetry={() => void document.refetch()} />
      </Page>
    );
  return <Loaded key={documentId} d={document.data} />;
}

function Loaded({ d }: { d: DocumentDetail }) {
  const { chunk } = useSearch({ from: "/knowledge/documents/$documentId" });
  const [view, setView] = useState<"text" | "passages">(chunk ? "passages" : "text");
  const [versions, setVersions] = useState(false);
  const source = useQuery(queries.source(d.sourceId));
  const may = useCan()("knowledge:write");
  const remove = useRemove(d);
  useEffect(() => {
    if (chunk) window.document.getElementById(`chunk-${chunk}`)?.scrollIntoView({ block: "center" });
  }, [chunk, view]);

  return (
    <Page>
      <PageHeader
        back={
          <Link to="/knowledge/sources/$sourceId" params={{ sourceId: d.sourceId }}>
            {source.data?.name ?? kt.knowledge.back}
          </Link>
        }
        title={d.title}
        description={
          <span className={classes.meta}>
            <span className={classes.path}>{d.path}</span>
            {d.language && <span>{languageName(d.language)}</span>}
            <span>{byteSize(d.byteSize)}</span>
            <span>{t.passages(d.chunks)}</span>
            <RelativeTime at={d.updatedAt} />
          </span>
        }
        actions={
          <>
            {d.version > 1 && (
              <Button variant="default" leftSection={<IconHistory size={16} />} onClick={() => setVersions(true)}>
                {words.versions}
              </Button>
            )}
            {d.url && (
              <Button component="a" href={d.url} target="_blank" rel="noopener noreferrer" variant="default" leftSection={<IconExternalLink size={16} />}>
                {words.open}
              </Button>
            )}
            {may && (
              <Button variant="default" leftSection={<IconTrash size={16} />} loading={remove.isPending} onClick={() => void remove.ask()}>
                {words.remove}
              </Button>
            )}
          </>
        }
      />
      <DocumentVersionsDialog opened={versions} onClose={() => setVersions(false)} documentId={d.id} />
      {d.sections.length === 0 ? (
        <EmptyState icon={IconFileText} title={words.empty}>
          {words.emptyText}
        </EmptyState>
      ) : (
        <div className={classes.layout}>
          <div className={classes.content}>
            <Segmented
              size="xs"
              aria-label={words.view}
              value={view}
              onChange={(v) => setView(v as typeof view)}
              data={[
                { value: "text", label: words.text },
                { value: "passages", label: words.passages },
              ]}
            />
            {d.sections.map((s) => (
              <section key={s.id} id={`section-${s.id}`} className={classes.section}>
                {s.headingPath.length > 0 && <h2 className={classes.heading}>{s.headingPath.join(" › ")}</h2>}
                {view === "text" ? (
                  <Markdown text={s.text} />
                ) : (
                  s.chunks.map((c) => (
                    <div key={c.id} id={`chunk-${c.id}`} className={classes.chunk} data-target={c.id === chunk || undefined}>
                      <div className={classes.chunkHead}>
                        <span>{words.passage(c.ordinal + 1)}</span>
                        {c.kind !== "text" && <Pill>{label(words.kinds, c.kind)}</Pill>}
                        <span>{words.tokens(c.tokens)}</span>
                      </div>
                      <Markdown text={c.text} />
                    </div>
                  ))
                )}
              </section>
            ))}
          </div>
          {d.sections.some((s) => s.headingPath.length > 0) && (
            <nav className={classes.contents} aria-label={words.contents}>
              <h2 className={classes.contentsTitle}>{words.contents}</h2>
              <ul>
                {d.sections
                  .filter((s) => s.headingPath.length > 0)
                  .map((s) => (
                    <li key={s.id} style={{ paddingInlineStart: `${(s.headingPath.length - 1) * 0.75}rem` }}>
                      <a href={`#section-${s.id}`}>{s.headingPath.at(-1)}</a>
                    </li>
                  ))}
              </ul>
            </nav>
          )}
        </div>
      )}
    </Page>
  );
}

function useRemove(d: DocumentDetail) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => api.knowledge.removeDocument(d.id),
    onSuccess: () => {
      toasts.success(words.removed);
      for (const key of ["documents", "sources", "source"]) void client.invalidateQueries({ queryKey: [key] });
      void navigate({ to: "/knowledge/sources/$sourceId", params: { sourceId: d.sourceId }, search: {} });
    },
    onError: (e) => toasts.error(explain(e)),
  });
  return {
    isPending: remove.isPending,
    ask: async () => {
      if (await confirm({ title: words.removeTitle, body: words.removeText, confirm: words.remove, danger: true })) remove.mutate();
    },
  };
}
