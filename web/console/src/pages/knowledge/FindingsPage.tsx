import { Button } from "@mantine/core";
import { Card, EmptyState, ErrorState, ListSkeleton, Page, PageHeader, Pill, RelativeTime, Segmented, toasts } from "@parley/ui";
import { IconCircleCheck, IconRefresh } from "@parley/ui/icons";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { explain } from "@/api/problem";
import type { Finding } from "@/api/types";
import * as kb from "@/api/knowledge";
import { inPages, useOptimistic } from "@/app/optimistic";
import { useCan } from "@/app/session";
import { sides, type Piece } from "@/lib/diff";
import { t } from "@/strings";
import { kt } from "@/strings/knowledge";
import classes from "./Findings.module.css";
import { KnowledgeTabs } from "./KnowledgeTabs.tsx";

const words = kt.knowledge.findings;
const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 });

/** Where the knowledge says the same twice, or contradicts itself: both passages, with what differs marked. */
export function FindingsPage() {
  const { kind, source } = useSearch({ from: "/knowledge/findings" });
  const navigate = useNavigate({ from: "/knowledge/findings" });
  const may = useCan()("knowledge:write");
  const dismissed = kind === "dismissed";
  const list = useInfiniteQuery(kb.queries.findings({ sourceId: source, ...(dismissed ? { state: kind } : { kind }) }));
  const again = useMutation({
    mutationFn: () => kb.review.again(),
    onSuccess: () => toasts.success(words.reviewing),
    onError: (e) => toasts.error(explain(e)),
  });
  const items = list.data?.pages.flatMap((p) => p.items);
  return (
    <Page>
      <PageHeader
        title={kt.knowledge.title}
        description={words.description}
        actions={
          may && (
            <Button variant="default" leftSection={<IconRefresh size={16} />} loading={again.isPending} onClick={() => again.mutate()}>
              {words.review}
            </Button>
          )
        }
      />
      <KnowledgeTabs active="findings" />
      <div className={classes.filter}>
        <Segmented
          size="xs"
          aria-label={words.which}
          value={kind ?? "all"}
          onChange={(v) => void navigate({ search: (old) => ({ ...(old.source && { source: old.source }), ...(v !== "all" && { kind: v }) }), replace: true })}
          data={[{ value: "all", label: words.all }, ...Object.entries(words.kinds).map(([value, label]) => ({ value, label })), { value: "dismissed", label: words.dismissed }]}
        />
      </div>
      {list.isPending ? (
        <ListSkeleton rows={4} height={150} gap={16} />
      ) : list.isError ? (
        <Card>
          <ErrorState detail={explain(list.error)} onRetry={() => void list.refetch()} />
        </Card>
      ) : items?.length === 0 ? (
        <Card>
          <EmptyState icon={IconCircleCheck} title={words.empty}>
            {words.emptyText[kind ?? "all"]}
          </EmptyState>
        </Card>
      ) : (
        <ul className={classes.list}>
          {items?.map((f) => (
            <li key={f.id}>
              <FindingCard f={f} may={may} />
            </li>
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button variant="default" mt="md" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t.more}
        </Button>
      )}
    </Page>
  );
}

function FindingCard({ f, may }: { f: Finding; may: boolean }) {
  const set = useOptimistic<"dismissed" | "open">({
    scope: `finding:${f.id}`,
    run: (state) => (state === "dismissed" ? kb.review.dismiss(f.id) : kb.review.reopen(f.id)),
    touches: [["findings"], ["sources"], ["source"]],
    // It leaves the list that it stands in; the other one is asked for again.
    show: (client) => inPages<Finding>(client, ["findings"], (x) => (x.id === f.id ? null : x)),
    said: (state) => (state === "dismissed" ? words.dismissed : words.reopened),
    opposite: (state) => (state === "dismissed" ? "open" : "dismissed"),
  });
  const [left, right] = sides(f.passage, f.otherPassage);
  return (
    <Card
      title={
        <span className={classes.title}>
          <Pill tone={f.kind === "contradiction" ? "danger" : "warning"}>{words.one[f.kind]}</Pill>
          {f.kind === "duplicate" && <span className={classes.muted}>{words.alike(percent.format(f.similarity))}</span>}
          <span className={classes.muted}>
            <RelativeTime at={f.foundAt} />
          </span>
        </span>
      }
      actions={
        may && (
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            onClick={() => set.run(f.state === "dismissed" ? "open" : "dismissed")}
          >
            {f.state === "dismissed" ? words.reopen : words.dismiss}
          </Button>
        )
      }
    >
      <div className={classes.pair}>
        <Side id={f.documentId} title={f.title} source={f.sourceName} pieces={left} />
        <Side id={f.otherDocumentId} title={f.otherTitle} source={f.otherSourceName} pieces={right} />
      </div>
    </Card>
  );
}

function Side({ id, title, source, pieces }: { id: string; title: string; source: string; pieces: readonly Piece[] }) {
  return (
    <div>
      <div className={classes.where}>
        <Link to="/knowledge/documents/$documentId" params={{ documentId: id }} search={{}} dir="auto">
          {title}
        </Link>
        <span className={classes.muted}>{source}</span>
      </div>
      <p className={classes.passage} dir="auto">
        {pieces.map((p, i) => (p.changed ? <mark key={i}>{p.text}</mark> : <span key={i}>{p.text}</span>))}
      </p>
    </div>
  );
}
