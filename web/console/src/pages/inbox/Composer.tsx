import { Button } from "@mantine/core";
import { Keys, Segmented } from "@parley/ui";
import { IconNote, IconSend } from "@parley/ui/icons";
import { useImperativeHandle, useRef, useState, type KeyboardEvent, type Ref } from "react";
import * as api from "@/api/calls";
import type { Conversation } from "@/api/types";
import { useCan } from "@/app/session";
import { drafts, type DraftKind } from "@/lib/drafts";
import { t } from "@/strings";
import classes from "./Composer.module.css";
import { useOutbox } from "./outbox.ts";
import { useAbilities } from "./useConversationActions.ts";

export type ComposerHandle = { focus: (kind: DraftKind) => void };

const maxLength = 8000;

/** Why there is no reply field, in one sentence; null when there is one. */
function whyNot(c: Conversation, able: ReturnType<typeof useAbilities>, mayWrite: boolean): string | null {
  if (able.reply) return null;
  if (!mayWrite) return t.inbox.readOnlyRole;
  if (c.status === "closed") return t.inbox.readOnlyClosed;
  if (c.owner === "queue") return t.inbox.readOnlyQueue;
  return c.owner === "assistant" ? t.inbox.readOnlyAssistant : t.inbox.readOnlyOther(c.agentName ?? "");
}

/** The customer sees a notice for some seconds; it is renewed while typing goes on. Nothing hangs on its arrival. */
const typingEveryMs = 3_000;

function useTyping(conversationId: string) {
  const last = useRef(0);
  return () => {
    const now = Date.now();
    if (now - last.current < typingEveryMs) return;
    last.current = now;
    api.conversations.typing(conversationId).catch(() => undefined);
  };
}

export function Composer({ conversation: c, name, ref }: { conversation: Conversation; name: string; ref: Ref<ComposerHandle> }) {
  const able = useAbilities(c);
  const mayWrite = useCan()("conversations:write");
  const [wanted, setWanted] = useState<DraftKind | null>(null);
  const kind: DraftKind = able.reply ? (wanted ?? "public") : "note";
  const [texts, setTexts] = useState<Record<DraftKind, string>>(() => ({ public: drafts.get(c.id, "public"), note: drafts.get(c.id, "note") }));
  const field = useRef<HTMLTextAreaElement>(null);
  const box = useOutbox(c.id);
  const reason = whyNot(c, able, mayWrite);
  const [noteOpen, setNoteOpen] = useState(() => drafts.get(c.id, "note") !== "");

  useImperativeHandle(ref, () => ({
    focus: (k) => {
      setWanted(k);
      if (k === "note" && !able.reply) setNoteOpen(true);
      // After the field of this kind is on the page.
      setTimeout(() => field.current?.focus(), 0);
    },
  }));

  const tellTyping = useTyping(c.id);
  const text = texts[kind];
  const tooLong = text.length > maxLength;
  const change = (value: string) => {
    setTexts((old) => ({ ...old, [kind]: value }));
    drafts.set(c.id, kind, value);
    if (kind === "public" && value) tellTyping();
  };
  const send = () => {
    if (!text.trim() || tooLong) return;
    void box.send(text.trim(), kind);
    change("");
    if (kind === "note" && !able.reply) setNoteOpen(false);
    field.current?.focus();
  };
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && !e.nativeEvent.isComposing) {
      e.preventDefault();
      send();
    } else if (e.key === "Escape") field.current?.blur();
  };

  if (reason && !noteOpen)
    return (
      <div className={classes.closed}>
        <span>{reason}</span>
        {able.note && (
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            leftSection={<IconNote size={16} />}
            onClick={() => {
              setNoteOpen(true);
              setTimeout(() => field.current?.focus(), 0);
            }}
          >
            {t.inbox.keys.note}
          </Button>
        )}
      </div>
    );

  return (
    <div className={classes.composer} data-kind={kind}>
      {able.reply && (
        <Segmented
          size="xs"
          aria-label={t.inbox.kind}
          value={kind}
          onChange={(v) => setWanted(v as DraftKind)}
          data={[
            { value: "public", label: t.inbox.reply },
            { value: "note", label: t.inbox.note },
          ]}
        />
      )}
      <textarea
        ref={field}
        className={classes.field}
        aria-label={kind === "note" ? t.inbox.keys.note : t.inbox.replyTo(name)}
        aria-invalid={tooLong || undefined}
        placeholder={kind === "note" ? t.inbox.notePlaceholder : t.inbox.replyPlaceholder(name)}
        value={text}
        dir="auto"
        onChange={(e) => change(e.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div className={classes.foot}>
        <span className={classes.hint} role={tooLong ? "alert" : undefined}>
          {tooLong ? t.inbox.tooLong(maxLength) : text.length > maxLength - 500 ? t.inbox.left(maxLength - text.length) : null}
        </span>
        {!able.reply && (
          <Button size="compact-md" variant="subtle" color="gray" onClick={() => setNoteOpen(false)}>
            {t.cancel}
          </Button>
        )}
        <span className={classes.keys}>
          <Keys keys="mod+enter" />
        </span>
        <Button size="compact-md" leftSection={kind === "note" ? <IconNote size={16} /> : <IconSend size={16} />} disabled={!text.trim() || tooLong} onClick={send}>
          {kind === "note" ? t.inbox.sendNote : t.inbox.send}
        </Button>
      </div>
    </div>
  );
}
