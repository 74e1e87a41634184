import { Button } from "@mantine/core";
import { Card, ErrorState, ListSkeleton, Page, PageHeader, Pill, RelativeTime } from "@parley/ui";
import { IconCircleCheck, IconCircleDashed, IconExternalLink } from "@parley/ui/icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { costQueries } from "@/api/costs";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import { webhookQueries } from "@/api/webhooks";
import type { ConversationSummary } from "@/api/types";
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
        {can("knowledge:read") && <FailedImports />}
        {can("costs:read") && <Costs />}
        {can("webhooks:read") && <Webhooks />}
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
      <div className={classes.rows}>
        {list.isPending ? (
          <ListSkeleton rows={3} height={50} />
        ) : list.isError ? (
          <ErrorState compact detail={explain(list.error)} onRetry={() => void list.refetch()} />
        ) : items.length === 0 ? (
          <p className={classes.nothing}>{empty}</p>
        ) : (
          <ul className={classes.list}>
            {items.slice(0, shown).map((c) => (
              <WaitingRow key={c.id} c={c} view={view} unread={view === "mine" && isUnread(c, seen)} />
            ))}
          </ul>
        )}
      </div>
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
  const canaries = useCanaries();
  // As the board of the sources judges it: what fails, and what is answered badly.
  const failing = (sources.data?.items ?? [])
    .map((source) => ({ source, health: health(source, canaries.get(source.id)) }))
    .filter((x) => x.health.rank <= 1)
    .sort((a, b) => a.health.rank - b.health.rank);
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
        <ListSkeleton rows={3} height={50} />
      ) : sources.isError ? (
        <ErrorState compact detail={explain(sources.error)} onRetry={() => void sources.refetch()} />
      ) : failing.length === 0 ? (
        <p className={classes.muted}>{words.importsEmpty}</p>
      ) : (
        <ul className={classes.list}>
          {failing.slice(0, shown).map(({ source: s, health: h }) => (
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
          ))}
        </ul>
      )}
    </Card>
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
    </Card>
  );
}

/** Programs that are told nothing any more: somebody has to mend or to switch on. */
function Webhooks() {
  const list = useQuery(webhookQueries.all);
  const ill = (list.data ?? []).map((webhook) => ({ webhook, health: webhookHealth(webhook) })).filter((x) => x.health.needs);
  return (
    <Card
      title={
        <span className={classes.title}>
          {wh.webhooks.title}
          {ill.length > 0 && <Pill tone="danger">{t.number(ill.length)}</Pill>}
        </span>
      }
      actions={
        <ButtonLink to="/settings/webhooks" variant="subtle" size="compact-sm">
          {wh.webhooks.home.open}
        </ButtonLink>
      }
    >
      {list.isPending ? (
        <ListSkeleton rows={3} height={50} />
      ) : list.isError ? (
        <ErrorState compact detail={explain(list.error)} onRetry={() => void list.refetch()} />
      ) : ill.length === 0 ? (
        <p className={classes.muted}>{list.data.length === 0 ? wh.webhooks.home.none : wh.webhooks.home.fine}</p>
      ) : (
        <ul className={classes.list}>
          {ill.slice(0, shown).map(({ webhook: w, health: h }) => (
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
          ))}
        </ul>
      )}
    </Card>
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
