import { ActionIcon, Button } from "@mantine/core";
import { CopyButton, formatExact, Markdown, PersonAvatar, Pill } from "@parley/ui";
import { IconActivity, IconFileText, IconFlask } from "@parley/ui/icons";
import { Link } from "@tanstack/react-router";
import type { Citation, Message } from "@/api/types";
import { label } from "@/lib/labels";
import { authorName, citations } from "@/lib/messages";
import { useOutbox, type Outgoing } from "@/pages/inbox/outbox";
import { useSession } from "@/app/session";
import { AssistantAvatar } from "@/pages/assistant/AssistantAvatar";
import { t } from "@/strings";
import { Judge } from "./Judge.tsx";
import classes from "./Transcript.module.css";

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const avatarKind = { end_user: "customer", agent: "agent", system: "system" } as const;

type Props = { message: Message; customer: string; selfId: string; highlighted: boolean; onTrace?: ((turnId: string) => void) | undefined; onGolden?: ((message: Message) => void) | undefined };

export function MessageView({ message: m, customer, selfId, highlighted, onTrace, onGolden }: Props) {
  const name = authorName(m, customer, selfId);
  if (m.authorKind === "system")
    return (
      <div id={`message-${m.id}`} className={classes.system}>
        <Parts message={m} />
      </div>
    );
  const { turnId } = m;
  return (
    <article id={`message-${m.id}`} className={classes.message} data-highlighted={highlighted || undefined} aria-label={name}>
      <div className={classes.avatar}>
        {m.authorKind === "assistant" ? <AssistantAvatar name={name} /> : <PersonAvatar name={name} kind={avatarKind[m.authorKind]} />}
      </div>
      <div className={classes.byline}>
        <span className={classes.author}>{name}</span>
        {m.visibility === "note" && <Pill tone="warning">{t.inbox.note}</Pill>}
        <time className={classes.time} dateTime={m.createdAt} title={formatExact(Date.parse(m.createdAt))}>
          {clock.format(Date.parse(m.createdAt))}
        </time>
        {onTrace && (
          <span className={classes.tools}>
            {m.authorKind === "assistant" && turnId && (
              <>
                <Judge conversationId={m.conversationId} turnId={turnId} />
                <ActionIcon size="sm" aria-label={t.conversation.traceShow} title={t.conversation.traceShow} onClick={() => onTrace(turnId)}>
                  <IconActivity size={16} />
                </ActionIcon>
              </>
            )}
            {m.authorKind === "end_user" && onGolden && (
              <ActionIcon size="sm" aria-label={t.conversation.golden} title={t.conversation.golden} onClick={() => onGolden(m)}>
                <IconFlask size={16} />
              </ActionIcon>
            )}
            <CopyButton text={`${window.location.origin}/console/conversations/${m.conversationId}?message=${m.id}`} label={t.conversation.copyLink} />
          </span>
        )}
      </div>
      <div className={classes.bubble} data-kind={m.visibility === "note" ? "note" : m.authorKind}>
        <Parts message={m} />
      </div>
    </article>
  );
}

function Parts({ message }: { message: Message }) {
  const quotes = citations(message);
  return (
    <>
      {message.parts.map((p, i) => {
        if (p.type === "quote") return null;
        if (p.type === "text") return <Markdown key={i} text={p.content.text} after={<Cites marks={p.content.citations ?? []} quotes={quotes} />} />;
        return <em key={i}>{label(t.conversation.attachments, p.type)}</em>;
      })}
      {quotes.length > 0 && (
        <ul className={classes.sources} aria-label={t.conversation.sources}>
          {distinctDocuments(quotes).map((q) => (
            <li key={q.documentId}>
              <SourceLink citation={q} className={classes.source}>
                <IconFileText size={13} aria-hidden />
                <span className={classes.sourceTitle}>{q.title}</span>
              </SourceLink>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

export function distinctDocuments(list: readonly Citation[]): Citation[] {
  return [...new Map(list.map((q) => [q.documentId, q] as const)).values()];
}

function Cites({ marks, quotes }: { marks: number[]; quotes: Citation[] }) {
  const known = marks.flatMap((n) => (quotes[n] ? [{ n, quote: quotes[n] }] : []));
  if (known.length === 0) return null;
  return (
    <span className={classes.cites}>
      {known.map(({ n, quote }) => (
        <SourceLink key={n} citation={quote} className={classes.cite} title={quote.quote} ariaLabel={t.conversation.source(n + 1, quote.title)}>
          {n + 1}
        </SourceLink>
      ))}
    </span>
  );
}

/** Leads to Parley's own copy, at the very passage. */
export function SourceLink(props: { citation: Citation; className?: string | undefined; title?: string; ariaLabel?: string; children: React.ReactNode }) {
  return (
    <Link
      to="/knowledge/documents/$documentId"
      params={{ documentId: props.citation.documentId }}
      search={{ chunk: props.citation.chunkId }}
      className={props.className}
      title={props.title}
      aria-label={props.ariaLabel}
    >
      {props.children}
    </Link>
  );
}

/** A message of ours on its way, or one that did not get through. */
export function OutgoingView({ conversationId, outgoing: o }: { conversationId: string; outgoing: Outgoing }) {
  const { user } = useSession();
  const box = useOutbox(conversationId);
  return (
    <article className={classes.message} aria-label={t.inbox.you} aria-busy={o.failed === null}>
      <div className={classes.avatar}>
        <PersonAvatar name={user.name} kind="agent" />
      </div>
      <div className={classes.byline}>
        <span className={classes.author}>{t.inbox.you}</span>
        {o.failed === null && <span className={classes.time}>{t.inbox.sending}</span>}
      </div>
      <div>
        <div className={`${classes.bubble} ${o.failed === null ? classes.pending : ""}`} data-kind={o.visibility === "note" ? "note" : "agent"}>
          <Markdown text={o.text} />
        </div>
        {o.failed !== null && (
          <div className={classes.failed} role="alert">
            <span>
              {t.inbox.notSent} {o.failed}
            </span>
            <Button size="compact-xs" variant="default" onClick={() => void box.retry(o)}>
              {t.inbox.tryAgain}
            </Button>
            <Button size="compact-xs" variant="subtle" color="gray" onClick={() => box.discard(o)}>
              {t.inbox.discard}
            </Button>
          </div>
        )}
      </div>
    </article>
  );
}
