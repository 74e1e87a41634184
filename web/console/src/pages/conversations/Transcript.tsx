import { Button, VisuallyHidden } from "@mantine/core";
import { EmptyState, ErrorState, ListSkeleton } from "@parley/ui";
import { IconArrowDown, IconMessages } from "@parley/ui/icons";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Conversation, Message } from "@/api/types";
import { useSession } from "@/app/session";
import { authorName, byDay, customerName, dayName, plainText } from "@/lib/messages";
import { outbox, stillOutgoing } from "@/pages/inbox/outbox";
import { t } from "@/strings";
import { LiveAnswer } from "./LiveAnswer.tsx";
import { MessageView, OutgoingView } from "./MessageView.tsx";
import classes from "./Transcript.module.css";
import { useStayAtEnd } from "./useStayAtEnd.ts";

type Props = {
  conversation: Conversation;
  /** Shows how an answer was made, where that can be shown. */
  onTrace?: (turnId: string) => void;
  /** Keeps what a customer asked as a golden question, where somebody may. */
  onGolden?: ((message: Message) => void) | undefined;
  /** The message the address points to. */
  target?: string | undefined;
};

export function Transcript({ conversation: c, onTrace, onGolden, target }: Props) {
  const { user } = useSession();
  const messages = useQuery(queries.messages(c.id));
  const { data: waiting } = useQuery(outbox(c.id));
  const { data: live } = useQuery(queries.live(c.id));
  const list = messages.data;
  const outgoing = stillOutgoing(waiting, list ?? [], user.id);
  const scroller = useRef<HTMLDivElement>(null);
  const { atEnd, toEnd, onScroll } = useStayAtEnd(scroller, messages.isSuccess, outgoing.at(-1)?.key, Boolean(target));
  const name = customerName(c);
  const length = (list?.length ?? 0) + outgoing.length;
  const loaded = list !== undefined;
  useEffect(() => {
    if (target && loaded) document.getElementById(`message-${target}`)?.scrollIntoView({ block: "center" });
  }, [target, loaded]);

  if (messages.isPending)
    return (
      <div className={classes.wrap}>
        <div className={classes.scroller}>
          <div className={classes.column}>
            <ListSkeleton rows={4} height={84} gap={20} />
          </div>
        </div>
      </div>
    );
  if (messages.isError) return <ErrorState detail={explain(messages.error)} onRetry={() => void messages.refetch()} />;

  return (
    <div className={classes.wrap}>
      <div
        ref={scroller}
        className={classes.scroller}
        role="log"
        aria-live="off"
        aria-label={t.conversation.transcript}
        tabIndex={0}
        onScroll={onScroll}
      >
        <div className={classes.column}>
          {length === 0 && !live.turn && <EmptyState compact icon={IconMessages} title={t.conversation.transcriptEmpty} />}
          {byDay(messages.data).map((group) => (
            <section key={group.day} className={classes.day} aria-label={dayName(group.day)}>
              <div className={classes.dayName}>{dayName(group.day)}</div>
              {group.messages.map((m) => (
                <MessageView key={m.id} message={m} customer={name} selfId={user.id} highlighted={m.id === target} onTrace={onTrace} onGolden={onGolden} />
              ))}
            </section>
          ))}
          {outgoing.map((o) => (
            <OutgoingView key={o.key} conversationId={c.id} outgoing={o} />
          ))}
          {c.status === "open" && <LiveAnswer live={live} customer={name} />}
        </div>
      </div>
      {!atEnd && (
        <Button className={classes.jump} size="compact-sm" variant="default" leftSection={<IconArrowDown size={14} />} onClick={() => toEnd("smooth")}>
          {t.inbox.jump}
        </Button>
      )}
      <Announcer messages={messages.data} customer={name} selfId={user.id} />
    </div>
  );
}

/** Reads each new message of others out once; what was there at first is not news. */
function Announcer({ messages, customer, selfId }: { messages: Message[]; customer: string; selfId: string }) {
  const [start] = useState(() => messages.at(-1)?.seq ?? 0);
  const newest = messages.at(-1);
  const news = newest && newest.seq > start && newest.authorId !== selfId ? newest : null;
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {news && t.inbox.newMessage(authorName(news, customer, selfId), plainText(news))}
    </VisuallyHidden>
  );
}
