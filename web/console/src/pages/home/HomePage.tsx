import { Button } from "@mantine/core";
import { Card, ErrorState, ListSkeleton, Page, PageHeader, Pill, RelativeTime, type Tone } from "@parley/ui";
import { IconCircleCheck, IconCircleDashed, IconExternalLink } from "@parley/ui/icons";
import { useInfiniteQuery, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState, type ReactNode } from "react";
import * as api from "@/api/calls";
import { costQueries } from "@/api/costs";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import { webhookQueries } from "@/api/webhooks";
import type { ConversationSummary } from "@/api/types";
import { queries as workspace } from "@/api/workspace";
import { ButtonLink } from "@/app/links";
import { useCan, useSession } from "@/app/session";
import { inboxFilters } from "@/app/useAttention";
import { queueOrder } from "@/feed/reduce";
import { label } from "@/lib/labels";
import { customerName } from "@/lib/messages";
import { isUnread, useSeen } from "@/lib/seen";
import { health } from "@/pages/knowledge/sourceHealth";
import { health as webhookHealth } from "@/pages/webhooks/WebhookState";
import { useCanaries } from "@/pages/knowledge/useCanary";
import { t } from "@/strings";
import { money, mt } from "@/strings/costs";
import { wh } from "@/strings/webhooks";
import classes from "./Home.module.css";
import { useSetup } from "./useSetup.ts";

const words = t.home;
const shown = 3;

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
        {can("conversations:read") && <Unanswered />}
        {can("knowledge:read") && <FailedImports />}
        {can("costs:read") && <Costs />}
        {can("webhooks:read") && <Webhooks />}
        {can("jobs:read") && <FailedWork />}
        <Setup />
      </div>
    </Page>
  );
}

/** One card of what needs somebody: how many, the first of them, and a sentence where there is nothing. */
function Attention<T>({ title, tone, query, items, empty, actions, row }: AttentionProps<T>) {
  return (
    <Card
      title={
        <span className={classes.title}>
          {title}
          {items.length > 0 && <Pill tone={tone}>{t.number(items.length)}</Pill>}
        </span>
      }
      actions={actions}
    >
      <div className={classes.rows}>
        {query.isPending ? (
          <ListSkeleton rows={3} height={50} />
        ) : query.isError ? (
          <ErrorState compact detail={explain(query.error)} onRetry={() => void query.refetch()} />
        ) : items.length === 0 ? (
          <p className={classes.nothing}>{empty}</p>
        ) : (
          <ul className={classes.list}>{items.slice(0, shown).map(row)}</ul>
        )}
      </div>
    </Card>
  );
}

type AttentionProps<T> = {
  title: string;
  tone: Tone;
  query: Pick<UseQueryResult, "isPending" | "isError" | "error"> & { refetch: () => unknown };
  items: readonly T[];
  empty: ReactNode;
  actions?: ReactNode;
  row: (item: T) => ReactNode;
};

function Waiting({ view, title, empty }: { view: "queue" | "mine"; title: string; empty: string }) {
  const { user } = useSession();
  const seen = useSeen();
  const list = useInfiniteQuery(queries.conversations(inboxFilters(user.id)[view]));
  const items = list.data?.pages.flatMap((p) => p.items) ?? [];
  if (view === "queue") items.sort(queueOrder);
  return (
    <Attention
      title={title}
      tone={view === "queue" ? "warning" : "info"}
      query={list}
      items={items}
      empty={empty}
      actions={
        <ButtonLink to="/inbox" search={{ view }} variant="subtle" size="compact-sm">
          {words.openInbox}
        </ButtonLink>
      }
      row={(c) => <WaitingRow key={c.id} c={c} view={view} unread={view === "mine" && isUnread(c, seen)} />}
    />
  );
}

/** What the documentation does not cover: each of them is an article that is missing. */
function Unanswered() {
  const list = useQuery({ queryKey: ["found", "unanswered"], queryFn: ({ signal }) => api.conversations.list({ outcome: "abstained", limit: 20 }, { signal }) });
  return (
    <Attention
      title={words.unanswered}
      tone="warning"
      query={list}
      items={list.data?.items ?? []}
      empty={words.unansweredEmpty}
      actions={
        <ButtonLink to="/conversations" search={{ outcome: "abstained" }} variant="subtle" size="compact-sm">
          {words.unansweredOpen}
        </ButtonLink>
      }
      row={(c) => (
        <li key={c.id}>
          <Link to="/conversations/$conversationId" params={{ conversationId: c.id }} search={{}} className={classes.row}>
            <span className={classes.rowText}>
              <span className={classes.subject} dir="auto">{c.subject ?? t.conversation.noSubject}</span>
              <span className={classes.muted}>{customerName(c)}</span>
            </span>
            <span className={classes.muted}>
              <RelativeTime short at={c.updatedAt} />
            </span>
          </Link>
        </li>
      )}
    />
  );
}

function FailedWork() {
  const list = useInfiniteQuery(workspace.deadJobs);
  const items = list.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Attention
      title={words.failedWork}
      tone="danger"
      query={list}
      items={items}
      empty={words.failedWorkEmpty}
      actions={
        <ButtonLink to="/settings/jobs" variant="subtle" size="compact-sm">
          {words.failedWorkOpen}
        </ButtonLink>
      }
      row={(j) => (
        <li key={j.id}>
          <Link to="/settings/jobs" className={classes.row}>
            <span className={classes.rowText}>
              <span className={classes.subject} dir="auto">{j.error ?? j.kind}</span>
              <span className={classes.muted}>{j.kind}</span>
            </span>
            <span className={classes.muted}>
              <RelativeTime short at={j.deadAt} />
            </span>
          </Link>
        </li>
      )}
    />
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
  const canaries = useCanaries();
  // As the board of the sources judges it: what fails, and what is answered badly.
  const failing = (sources.data?.items ?? [])
    .map((source) => ({ source, health: health(source, canaries.get(source.id)) }))
    .filter((x) => x.health.rank <= 1)
    .sort((a, b) => a.health.rank - b.health.rank);
  return (
    <Attention
      title={words.imports}
      tone="danger"
      query={sources}
      items={failing}
      empty={words.importsEmpty}
      row={({ source: s, health: h }) => (
        <li key={s.id}>
          <Link to="/knowledge/sources/$sourceId" params={{ sourceId: s.id }} search={{}} className={classes.row}>
            <span className={classes.rowText}>
              <span className={classes.subject} dir="auto">{s.name}</span>
              <span className={classes.muted}>{h.detail ?? s.freshness.failure ?? (s.lastImport?.state === "failed" ? words.importFailed : null)}</span>
            </span>
            <Pill tone={h.tone}>{h.name}</Pill>
            {h.since && (
              <span className={classes.muted}>
                <RelativeTime short at={h.since} />
              </span>
            )}
          </Link>
        </li>
      )}
    />
  );
}

const nearly = 90;

/** What the month has cost, and what of it somebody should know now. */
function Costs() {
  const budget = useQuery(costQueries.budget);
  const month = budget.data?.scopes.find((s) => s.kind === "tenant_month");
  const hints = [
    ...(budget.data?.scopes ?? []).filter((s) => (s.percent ?? 0) >= nearly && s.settled + s.held > 0).map((s) => ({ id: s.kind, text: label(mt.costs.nearly, s.kind), to: "/costs/budget" as const, end: `${Math.floor(s.percent ?? 0)} %` })),
    ...(budget.data?.unusual ?? []).map((d) => ({ id: d.day, text: mt.costs.unusualDay, to: "/costs" as const, end: d.day })),
  ];
  const spent = month ? money(month.settled + month.held) : "";
  return (
    <Card
      title={
        <span className={classes.title}>
          {mt.costs.title}
          {hints.length > 0 && <Pill tone="warning">{t.number(hints.length)}</Pill>}
        </span>
      }
      actions={
        <ButtonLink to="/costs" search={{}} variant="subtle" size="compact-sm">
          {mt.costs.open}
        </ButtonLink>
      }
    >
      <div className={classes.rows}>
        {budget.isPending ? (
          <ListSkeleton rows={3} height={50} />
        ) : budget.isError ? (
          <ErrorState compact detail={explain(budget.error)} onRetry={() => void budget.refetch()} />
        ) : (
          <>
            <p className={classes.muted}>
              {!month || month.settled + month.held === 0 ? mt.costs.nothingThisMonth : month.limit === null ? mt.costs.thisMonth(spent) : mt.costs.ofMonth(spent, money(month.limit))}
            </p>
            <ul className={classes.list}>
              {hints.slice(0, shown).map((h) => (
                <li key={h.id}>
                  <Link to={h.to} className={classes.row}>
                    <span className={classes.rowText}>
                      <span className={classes.subject}>{h.text}</span>
                    </span>
                    <Pill tone="warning">{h.end}</Pill>
                  </Link>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </Card>
  );
}

/** Programs that are told nothing any more: somebody has to mend or to switch on. */
function Webhooks() {
  const list = useQuery(webhookQueries.all);
  const ill = (list.data ?? []).map((webhook) => ({ webhook, health: webhookHealth(webhook) })).filter((x) => x.health.needs);
  return (
    <Attention
      title={wh.webhooks.title}
      tone="danger"
      query={list}
      items={ill}
      empty={list.data?.length === 0 ? wh.webhooks.home.none : wh.webhooks.home.fine}
      actions={
        <ButtonLink to="/settings/webhooks" variant="subtle" size="compact-sm">
          {wh.webhooks.home.open}
        </ButtonLink>
      }
      row={({ webhook: w, health: h }) => (
        <li key={w.id}>
          <Link to="/settings/webhooks/$webhookId" params={{ webhookId: w.id }} search={{}} className={classes.row}>
            <span className={classes.rowText}>
              <span className={classes.subject} dir="ltr">{w.description || w.url}</span>
              {w.description && <span className={classes.muted}>{w.url}</span>}
            </span>
            <Pill tone={h.tone}>{h.name}</Pill>
            {w.failingSince && (
              <span className={classes.muted}>
                <RelativeTime short at={w.failingSince} />
              </span>
            )}
          </Link>
        </li>
      )}
    />
  );
}

function Setup() {
  const { tenant } = useSession();
  const steps = useSetup();
  const left = steps.filter((x) => x.done === false).length;
  const known = steps.every((x) => x.done !== undefined);
  // Decided once per visit, from what the last one found: the card neither appears under the reader's hands nor vanishes.
  const mark = `parley-set-up:${tenant.id}`;
  const [wasDone] = useState(() => setUpMarks.get(mark));
  useEffect(() => {
    if (known) setUpMarks.set(mark, left === 0);
  }, [known, left, mark]);
  if (wasDone || steps.length === 0) return null;
  return (
    <div className={classes.setup}>
      <Card
        title={words.setup}
        description={known ? words.stepsLeft(left) : words.stepsUnknown}
        actions={
          <Button component="a" href="/demo" target="_blank" rel="noopener" variant="subtle" size="compact-sm" leftSection={<IconExternalLink size={14} />}>
            {words.demo}
          </Button>
        }
      >
        <ol className={classes.steps}>
          {steps.map((x) => (
            <li key={x.id}>
              <Link to={x.to} className={classes.step} data-done={x.done || undefined}>
                {x.done ? <IconCircleCheck size={20} aria-hidden /> : <IconCircleDashed size={20} aria-hidden />}
                <span className={classes.rowText}>
                  <span className={classes.subject}>
                    {x.title} {x.done && <Pill tone="success">{words.done}</Pill>}
                  </span>
                  <span className={classes.stepText}>{x.text}</span>
                </span>
              </Link>
            </li>
          ))}
        </ol>
      </Card>
    </div>
  );
}

/** Storage may be forbidden: the card is shown then. */
const setUpMarks = {
  get(key: string): boolean {
    try {
      return localStorage.getItem(key) !== null;
    } catch {
      return false;
    }
  },
  set(key: string, done: boolean) {
    try {
      if (done) localStorage.setItem(key, "1");
      else localStorage.removeItem(key);
    } catch {
      // Nothing depends on it.
    }
  },
};
