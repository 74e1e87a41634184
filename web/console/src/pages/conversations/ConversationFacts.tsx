import { ErrorState, ListSkeleton, PersonAvatar, Pill, RelativeTime } from "@parley/ui";
import { IconFileText, IconShieldLock } from "@parley/ui/icons";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Conversation } from "@/api/types";
import { useCan } from "@/app/session";
import { label, languageName, reasonName } from "@/lib/labels";
import { customerName, usedSources } from "@/lib/messages";
import { ConversationTasks } from "@/pages/tasks/ConversationTasks";
import { t } from "@/strings";
import { tt } from "@/strings/tasks";
import classes from "./ConversationFacts.module.css";
import { SourceLink } from "./MessageView.tsx";

const words = t.conversation;

/** Everything about a conversation besides its messages: who, why a person is needed, what the assistant relied on. */
export function ConversationFacts({ conversation: c }: { conversation: Conversation }) {
  const name = customerName(c);
  const outcome = c.resolutions.at(-1)?.class ?? c.outcome;
  return (
    <div className={classes.facts}>
      <section className={classes.person}>
        <PersonAvatar name={name} kind="customer" size={40} />
        <div className={classes.personText}>
          <div className={classes.personName}>{name}</div>
          {c.endUser.email && <div className={classes.muted}>{c.endUser.email}</div>}
          <div className={classes.identity}>
            <IconShieldLock size={14} aria-hidden />
            {c.endUser.verified ? words.verified : words.unverified}
          </div>
        </div>
      </section>
      {c.summary && (
        <Section title={words.summary}>
          <p className={classes.summary}>{c.summary.text}</p>
          <p className={classes.muted}>
            {words.summaryBy(c.summary.model)} · <RelativeTime at={c.summary.writtenAt} />
          </p>
          {c.summary.throughSeq < c.lastSeq && c.status === "open" && <p className={classes.muted}>{words.summaryOlder}</p>}
        </Section>
      )}
      {c.handoff && <HandoffFacts id={c.handoff.id} c={c} />}
      <Section title={words.facts.title}>
        <dl className={classes.list}>
          <Fact name={words.facts.handledBy}>{c.owner === "agent" ? (c.agentName ?? words.owner.agent) : label(words.owner, c.owner)}</Fact>
          <Fact name={words.facts.channel}>{label(words.channel, c.channel)}</Fact>
          {c.locale && <Fact name={words.facts.language}>{languageName(c.locale)}</Fact>}
          {outcome && <Fact name={words.facts.outcome}>{label(words.outcome, outcome)}</Fact>}
          {c.rating !== null && <Fact name={words.facts.rating}>{words.facts.ratingOf(c.rating)}</Fact>}
          <Fact name={words.facts.started}>
            <RelativeTime at={c.createdAt} />
          </Fact>
          {c.closedAt && (
            <Fact name={words.facts.ended}>
              <RelativeTime at={c.closedAt} />
            </Fact>
          )}
        </dl>
      </Section>
      <Section title={tt.tasks.ofConversation}>
        <ConversationTasks conversationId={c.id} subject={c.subject ?? t.conversation.noSubject} />
      </Section>
      <SourcesUsed conversationId={c.id} />
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <h2 className={classes.heading}>{title}</h2>
      {children}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const tone = { low: "neutral", medium: "info", high: "warning", urgent: "danger" } as const;

/** A state that was entered again, such as by a higher priority, is still the same state. */
function steps<T extends { toState: string }>(transitions: readonly T[]): T[] {
  return transitions.filter((x, i) => x.toState !== transitions[i - 1]?.toState);
}

function HandoffFacts({ id, c }: { id: string; c: Conversation }) {
  const enabled = useCan()("handoffs:read");
  const handoff = useQuery({ ...queries.handoff(id), enabled });
  if (!c.handoff) return null;
  return (
    <Section title={words.handoff}>
      <div className={classes.pills}>
        <Pill tone={tone[c.handoff.priority]}>{label(words.priority, c.handoff.priority)}</Pill>
        {c.handoff.reasons.map((r) => (
          <Pill key={r}>{reasonName(r)}</Pill>
        ))}
      </div>
      {handoff.isLoading && <ListSkeleton rows={7} height={16} />}
      {handoff.isError && <ErrorState compact detail={explain(handoff.error)} onRetry={() => void handoff.refetch()} />}
      {handoff.data && (
        <>
          {handoff.data.summary && <p className={classes.summary}>{handoff.data.summary}</p>}
          <ol className={classes.timeline} aria-label={words.handoffHistory}>
            {steps(handoff.data.transitions).map((x, i) => (
              <li key={i}>
                <span>{label(words.handoffState, x.toState)}</span>
                <span className={classes.muted}>
                  <RelativeTime short at={x.at} />
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
    </Section>
  );
}

function SourcesUsed({ conversationId }: { conversationId: string }) {
  const { data, isPending } = useQuery(queries.messages(conversationId));
  const used = usedSources(data ?? []);
  return (
    <Section title={words.sources}>
      {isPending ? (
        <ListSkeleton rows={1} height={64} />
      ) : used.length === 0 ? (
        <p className={classes.muted}>{words.sourcesEmpty}</p>
      ) : (
        <ul className={classes.sources}>
          {used.map((s) => (
            <li key={s.chunkId + s.quote}>
              <SourceLink citation={s} className={classes.source}>
                <span className={classes.sourceTitle}>
                  <IconFileText size={14} aria-hidden />
                  {s.title}
                </span>
                <q className={classes.quote}>{s.quote}</q>
              </SourceLink>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
