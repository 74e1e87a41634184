import { VisuallyHidden } from "@mantine/core";
import { Count, Dot, EmptyState, ErrorState, ListSkeleton, PersonAvatar, Pill, RelativeTime, Segmented, useHotkeys } from "@parley/ui";
import { IconInbox, IconMessage } from "@parley/ui/icons";
import { useVirtualRows } from "@parley/ui/virtual";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, Outlet, useMatch, useNavigate, useSearch } from "@tanstack/react-router";
import { Fragment, memo, useEffect, useEffectEvent, useMemo, useRef } from "react";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import type { ConversationSummary } from "@/api/types";
import { useSession } from "@/app/session";
import { inboxFilters, type InboxView } from "@/app/useAttention";
import { queueOrder } from "@/feed/reduce";
import { label } from "@/lib/labels";
import { customerName, preview } from "@/lib/messages";
import { isUnread, useSeen } from "@/lib/seen";
import { t } from "@/strings";
import classes from "./Inbox.module.css";

const views = ["queue", "mine", "open"] as const;

export function InboxPage() {
  const { user } = useSession();
  const filters = inboxFilters(user.id);
  const view: InboxView = useSearch({ from: "/inbox" }).view ?? "queue";
  const chosen = useMatch({ from: "/inbox/$conversationId", shouldThrow: false })?.params.conversationId;
  const navigate = useNavigate();
  const list = useInfiniteQuery(queries.conversations(filters[view]));
  const waiting = useInfiniteQuery(queries.conversations(filters.queue)).data?.pages.reduce((n, p) => n + p.items.length, 0) ?? 0;
  const pages = list.data?.pages;
  const items = useMemo(() => {
    const all = pages?.flatMap((p) => p.items);
    return view === "queue" ? all?.sort(queueOrder) : all;
  }, [pages, view]);

  const open = (c: ConversationSummary | undefined) => {
    if (c) void navigate({ to: "/inbox/$conversationId", params: { conversationId: c.id }, search: { view } });
  };
  const step = (by: 1 | -1) => {
    const at = items?.findIndex((c) => c.id === chosen) ?? -1;
    open(at < 0 ? items?.[0] : items?.[at + by]);
  };
  useHotkeys([
    { keys: "j", label: t.inbox.keys.next, group: t.inbox.keys.group, run: () => step(1) },
    { keys: "k", label: t.inbox.keys.previous, group: t.inbox.keys.group, run: () => step(-1) },
  ]);

  return (
    <div className={classes.inbox} data-chosen={chosen ? true : undefined}>
      <VisuallyHidden component="h1">{t.inbox.title}</VisuallyHidden>
      <section className={classes.listPane} aria-label={t.inbox.list}>
        <header className={classes.listHead}>
          <div className={classes.title} aria-hidden>
            {t.inbox.title}
          </div>
          <Segmented
            fullWidth
            size="xs"
            aria-label={t.inbox.viewLabel}
            value={view}
            onChange={(v) => void navigate({ to: chosen ? "/inbox/$conversationId" : "/inbox", params: { conversationId: chosen ?? "" }, search: { view: v as InboxView } })}
            data={views.map((v) => ({
              value: v,
              label: (
                <span className={classes.viewName}>
                  {t.inbox.views[v]}
                  {v === "queue" && <Count value={waiting} label={t.inbox.count(waiting)} />}
                </span>
              ),
            }))}
          />
        </header>
        <div className={classes.scroll}>
          {list.isPending ? (
            <div className={classes.pad}>
              <ListSkeleton rows={8} height={68} />
            </div>
          ) : list.isError ? (
            <ErrorState compact detail={explain(list.error)} onRetry={() => void list.refetch()} />
          ) : items?.length === 0 ? (
            <EmptyList view={view} />
          ) : (
            <Rows key={view} items={items ?? []} chosen={chosen} view={view} whole={!list.hasNextPage} more={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : null} />
          )}
        </div>
      </section>
      <Outlet />
    </div>
  );
}

function EmptyList({ view }: { view: InboxView }) {
  const words = {
    queue: [t.inbox.emptyQueue, t.inbox.emptyQueueText],
    mine: [t.inbox.emptyMine, t.inbox.emptyMineText],
    open: [t.inbox.emptyOpen, t.inbox.emptyOpenText],
  } as const;
  return (
    <EmptyState compact icon={IconInbox} title={words[view][0]}>
      {words[view][1]}
    </EmptyState>
  );
}

type RowsProps = { items: readonly ConversationSummary[]; chosen: string | undefined; view: InboxView; whole: boolean; more: (() => void) | null };

function Rows({ items, chosen, view, whole, more }: RowsProps) {
  const seen = useSeen();
  const { user } = useSession();
  const list = useRef<HTMLUListElement>(null);
  const end = useRef<HTMLLIElement>(null);
  const keys = useMemo(() => items.map((c) => c.id), [items]);
  const { virtual, items: shown, focus, before, after } = useVirtualRows({ name: `inbox:${view}`, keys, list, height: 89, ownScroll: true });
  useEffect(() => {
    if (!end.current || !more) return;
    const observer = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && more(), { rootMargin: "600px" });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [more]);
  const showChosen = useEffectEvent(() => {
    const at = chosen === undefined ? -1 : keys.indexOf(chosen);
    if (at >= 0) virtual.scrollToIndex(at, { align: "auto" });
  });
  useEffect(() => showChosen(), [chosen]);
  return (
    <ul ref={list} className={classes.rows} {...focus}>
      {shown.map((item, i) => {
        const c = items[item.index] as ConversationSummary;
        return (
          <Fragment key={item.key}>
            <Gap height={before[i] ?? 0} />
            <li ref={virtual.measureElement} data-index={item.index} data-key={c.id} aria-setsize={whole ? items.length : -1} aria-posinset={item.index + 1}>
              <Row c={c} active={c.id === chosen} unread={isUnread(c, seen) && c.id !== chosen} view={view} selfId={user.id} />
            </li>
          </Fragment>
        );
      })}
      <Gap height={after} />
      <li ref={end} aria-hidden className={classes.end} />
    </ul>
  );
}

/** Stands for the rows that are not seen. */
function Gap({ height }: { height: number }) {
  return height > 0 && <li aria-hidden className={classes.gap} style={{ blockSize: height }} />;
}

const priorityTone = { low: "neutral", medium: "info", high: "warning", urgent: "danger" } as const;

type RowProps = { c: ConversationSummary; active: boolean; unread: boolean; view: InboxView; selfId: string };

const Row = memo(function Row({ c, active, unread, view, selfId }: RowProps) {
  const name = customerName(c);
  return (
    <Link
      to="/inbox/$conversationId"
      params={{ conversationId: c.id }}
      search={{ view }}
      className={classes.row}
      aria-current={active ? "true" : undefined}
      data-unread={unread || undefined}
    >
      <PersonAvatar name={name} kind="customer" size={32} />
      <span className={classes.rowText}>
        <span className={classes.rowTop}>
          <span className={classes.rowName} dir="auto">{name}</span>
          {unread && <Dot tone="accent" label={t.inbox.unread} />}
          <span className={classes.rowTime}>
            <RelativeTime short at={view === "queue" ? (c.handoff?.createdAt ?? c.updatedAt) : (c.lastMessage?.at ?? c.updatedAt)} />
          </span>
        </span>
        <span className={classes.rowSubject} dir="auto">{c.subject ?? t.conversation.noSubject}</span>
        {c.lastMessage && <span className={classes.rowLast} dir="auto">{preview(c.lastMessage.text)}</span>}
        <span className={classes.rowPills}>
          {c.owner !== "assistant" && c.handoff && (c.handoff.priority === "urgent" || c.handoff.priority === "high") && (
            <Pill tone={priorityTone[c.handoff.priority]}>{label(t.conversation.priority, c.handoff.priority)}</Pill>
          )}
          {view === "open" && (
            <Pill tone={c.owner === "queue" ? "warning" : c.owner === "agent" ? "info" : "accent"}>
              {c.owner === "agent" ? (c.agentId === selfId ? t.inbox.you : (c.agentName ?? t.conversation.owner.agent)) : label(t.conversation.owner, c.owner)}
            </Pill>
          )}
        </span>
      </span>
    </Link>
  );
});

export function NothingChosen() {
  return (
    <div className={classes.nothing}>
      <EmptyState icon={IconMessage} title={t.inbox.choose}>
        {t.inbox.chooseText}
      </EmptyState>
    </div>
  );
}
