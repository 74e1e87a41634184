import { Button } from "@mantine/core";
import { Card, ErrorState, ListSkeleton, Page, PageHeader, Pill, RelativeTime } from "@parley/ui";
import { IconCircleCheck, IconCircleDashed, IconExternalLink } from "@parley/ui/icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import type { ConversationSummary } from "@/api/types";
import { ButtonLink } from "@/app/links";
import { useCan, useSession } from "@/app/session";
import { inboxFilters } from "@/app/useAttention";
import { queueOrder } from "@/feed/reduce";
import { label } from "@/lib/labels";
import { customerName } from "@/lib/messages";
import { isUnread, useSeen } from "@/lib/seen";
import { t } from "@/strings";
import classes from "./Home.module.css";
import { useSetup } from "./useSetup.ts";

const words = t.home;
const shown = 5;

export function HomePage() {
  const { user } = useSession();
  const can = useCan();
  return (
    <Page>
      <PageHeader title={words.title(user.name.split(" ")[0] ?? user.name)} description={words.description} />
      <div className={classes.grid}>
        {can("conversations:read") && (
          <>
            <Waiting view="queue" title={words.queue} empty={words.queueEmpty} />
            <Waiting view="mine" title={words.mine} empty={words.mineEmpty} />
          </>
        )}
        {can("knowledge:read") && <FailedImports />}
        <Setup />
      </div>
    </Page>
  );
}

function Waiting({ view, title, empty }: { view: "queue" | "mine"; title: string; empty: string }) {
  const { user } = useSession();
  const seen = useSeen();
  const list = useInfiniteQuery(queries.conversations(inboxFilters(user.id)[view]));
  const items = list.data?.pages.flatMap((p) => p.items) ?? [];
  if (view === "queue") items.sort(queueOrder);
  return (
    <Card
      title={
        <span className={classes.title}>
          {title}
          {items.length > 0 && <Pill tone={view === "queue" ? "warning" : "info"}>{t.number(items.length)}</Pill>}
        </span>
      }
      actions={
        <ButtonLink to="/inbox" search={{ view }} variant="subtle" size="compact-sm">
          {words.openInbox}
        </ButtonLink>
      }
    >
      {list.isPending ? (
        <ListSkeleton rows={3} height={40} />
      ) : list.isError ? (
        <ErrorState compact detail={explain(list.error)} onRetry={() => void list.refetch()} />
      ) : items.length === 0 ? (
        <p className={classes.muted}>{empty}</p>
      ) : (
        <ul className={classes.list}>
          {items.slice(0, shown).map((c) => (
            <WaitingRow key={c.id} c={c} view={view} unread={view === "mine" && isUnread(c, seen)} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function WaitingRow({ c, view, unread }: { c: ConversationSummary; view: "queue" | "mine"; unread: boolean }) {
  return (
    <li>
      <Link to="/inbox/$conversationId" params={{ conversationId: c.id }} search={{ view }} className={classes.row}>
        <span className={classes.rowText}>
          <span className={classes.subject} dir="auto">{c.subject ?? t.conversation.noSubject}</span>
          <span className={classes.muted}>{customerName(c)}</span>
        </span>
        {unread && <Pill tone="accent">{t.inbox.unread}</Pill>}
        {view === "queue" && c.handoff && (c.handoff.priority === "urgent" || c.handoff.priority === "high") && (
          <Pill tone={c.handoff.priority === "urgent" ? "danger" : "warning"}>{label(t.conversation.priority, c.handoff.priority)}</Pill>
        )}
        <span className={classes.muted}>
          <RelativeTime short at={view === "queue" ? (c.handoff?.createdAt ?? c.updatedAt) : c.updatedAt} />
        </span>
      </Link>
    </li>
  );
}

function FailedImports() {
  const sources = useQuery(queries.sources);
  const failing = sources.data?.items.filter((s) => s.lastImport?.state === "failed") ?? [];
  return (
    <Card
      title={
        <span className={classes.title}>
          {words.imports}
          {failing.length > 0 && <Pill tone="danger">{t.number(failing.length)}</Pill>}
        </span>
      }
    >
      {sources.isPending ? (
        <ListSkeleton rows={2} height={40} />
      ) : sources.isError ? (
        <ErrorState compact detail={explain(sources.error)} onRetry={() => void sources.refetch()} />
      ) : failing.length === 0 ? (
        <p className={classes.muted}>{words.importsEmpty}</p>
      ) : (
        <ul className={classes.list}>
          {failing.map((s) => (
            <li key={s.id}>
              <Link to="/knowledge/sources/$sourceId" params={{ sourceId: s.id }} search={{}} className={classes.row}>
                <span className={classes.rowText}>
                  <span className={classes.subject} dir="auto">{s.name}</span>
                  <span className={classes.muted}>{words.importFailed}</span>
                </span>
                {s.lastImport?.finishedAt && <RelativeTime short at={s.lastImport.finishedAt} />}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Setup() {
  const steps = useSetup();
  const left = steps.filter((s) => s.done === false).length;
  // Unknown steps wait for the answer: a card that vanishes again would push the page about.
  if (left === 0) return null;
  return (
    <div className={classes.setup}>
    <Card
      title={words.setup}
      description={words.stepsLeft(left)}
      actions={
        <Button component="a" href="/demo" target="_blank" rel="noopener" variant="subtle" size="compact-sm" leftSection={<IconExternalLink size={14} />}>
          {words.demo}
        </Button>
      }
    >
      <ol className={classes.steps}>
          {steps.map((s) => (
            <li key={s.id}>
              <Link to={s.to} className={classes.step} data-done={s.done || undefined}>
                {s.done ? <IconCircleCheck size={20} aria-hidden /> : <IconCircleDashed size={20} aria-hidden />}
                <span className={classes.rowText}>
                  <span className={classes.subject}>
                    {s.title} {s.done && <Pill tone="success">{words.done}</Pill>}
                  </span>
                  {!s.done && <span className={classes.stepText}>{s.text}</span>}
                </span>
              </Link>
            </li>
          ))}
        </ol>
    </Card>
    </div>
  );
}
