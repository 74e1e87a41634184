import { ActionIcon, Button } from "@mantine/core";
import { Dialog, ErrorState, ListSkeleton, Pill, useHotkeys } from "@parley/ui";
import { IconArrowBackUp, IconArrowLeft, IconCheck, IconHandStop, IconInfoCircle, IconLayoutSidebarRight } from "@parley/ui/icons";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Conversation } from "@/api/types";
import { IconLink } from "@/app/links";
import { lazyDialog } from "@/app/lazyDialog";
import { label } from "@/lib/labels";
import { customerName } from "@/lib/messages";
import { markSeen } from "@/lib/seen";
import { ConversationFacts } from "@/pages/conversations/ConversationFacts";
import { Transcript } from "@/pages/conversations/Transcript";
import { t } from "@/strings";
import { Composer, type ComposerHandle } from "./Composer.tsx";
import classes from "./Inbox.module.css";
import { type Closing, useAbilities, useConversationActions } from "./useConversationActions.ts";

const CloseDialog = lazyDialog(async () => (await import("./ActionDialogs.tsx")).CloseDialog);
const GiveBackDialog = lazyDialog(async () => (await import("./ActionDialogs.tsx")).GiveBackDialog);

export function InboxConversation() {
  const { conversationId } = useParams({ from: "/inbox/$conversationId" });
  const conversation = useQuery(queries.conversation(conversationId));
  if (conversation.isPending)
    return (
      <div className={classes.pad}>
        <ListSkeleton rows={5} height={80} gap={16} />
      </div>
    );
  if (conversation.isError) return <ErrorState detail={explain(conversation.error)} onRetry={() => void conversation.refetch()} />;
  return <Loaded key={conversationId} c={conversation.data} />;
}

function Loaded({ c }: { c: Conversation }) {
  const { view } = useSearch({ from: "/inbox" });
  const navigate = useNavigate();
  const able = useAbilities(c);
  const composer = useRef<ComposerHandle>(null);
  const [dialog, setDialog] = useState<"close" | "back" | null>(null);
  // What was typed for an end that the server refused stands in the dialog again.
  const [typed, setTyped] = useState<Closing>();
  const actions = useConversationActions(c, (values) => (setTyped(values), setDialog("close")));
  const wide = useMediaQuery("(min-width: 75em)", true, { getInitialValueInEffect: false });
  const [details, setDetails] = useState<boolean | null>(null);
  const showDetails = details ?? wide;

  // Reading it is seeing it, as long as the page is really looked at.
  const lastAt = c.lastMessage?.at;
  useEffect(() => {
    const mark = () => lastAt && document.visibilityState === "visible" && markSeen(c.id, lastAt);
    mark();
    document.addEventListener("visibilitychange", mark);
    return () => document.removeEventListener("visibilitychange", mark);
  }, [c.id, lastAt]);

  // The field to reply in is there as soon as the conversation is shown as taken.
  const answering = useRef(false);
  useEffect(() => {
    if (!able.reply || !answering.current) return;
    answering.current = false;
    composer.current?.focus("public");
  }, [able.reply]);
  const accept = () => {
    answering.current = true;
    actions.accept.run(undefined);
    void navigate({ to: "/inbox/$conversationId", params: { conversationId: c.id }, search: { view: "mine" } });
  };
  const canTake = able.accept || able.takeOver;
  const group = t.inbox.keys.group;
  useHotkeys([
    ...(canTake && !actions.accept.pending ? [{ keys: "a", label: t.inbox.keys.accept, group, run: accept }] : []),
    ...(able.reply ? [{ keys: "r", label: t.inbox.keys.reply, group, run: () => composer.current?.focus("public") }] : []),
    ...(able.note ? [{ keys: "n", label: t.inbox.keys.note, group, run: () => composer.current?.focus("note") }] : []),
    ...(able.giveBack ? [{ keys: "b", label: t.inbox.keys.giveBack, group, run: () => setDialog("back") }] : []),
    ...(able.close ? [{ keys: "e", label: t.inbox.keys.close, group, run: () => setDialog("close") }] : []),
    { keys: "i", label: t.inbox.keys.open, group, run: () => setDetails(!showDetails) },
  ]);

  const name = customerName(c);
  const facts = <ConversationFacts conversation={c} />;
  return (
    <div className={classes.conversation} data-details={(wide && showDetails) || undefined}>
      <section className={classes.middle} aria-label={c.subject ?? name}>
        <header className={classes.head}>
          <IconLink className={classes.back ?? ""} to="/inbox" search={view ? { view } : {}} aria-label={t.inbox.back}>
            <IconArrowLeft size={18} />
          </IconLink>
          <div className={classes.headText}>
            <h2 className={classes.headTitle} dir="auto">{c.subject ?? t.conversation.noSubject}</h2>
            <div className={classes.headMeta}>
              <span>{name}</span>
              {c.status === "closed" && <Pill>{t.conversation.status.closed}</Pill>}
              {c.status === "open" && c.owner === "queue" && <Pill tone="warning">{label(t.conversation.owner, "queue")}</Pill>}
              {c.status === "open" && c.owner === "assistant" && <Pill tone="accent">{label(t.conversation.owner, "assistant")}</Pill>}
              {c.status === "open" && c.owner === "agent" && <Pill tone="info">{able.mine ? t.inbox.you : c.agentName}</Pill>}
            </div>
          </div>
          <div className={classes.headActions}>
            {canTake && (
              <Button leftSection={<IconHandStop size={16} />} loading={actions.accept.pending} onClick={accept}>
                {able.accept ? t.inbox.accept : t.inbox.takeOver}
              </Button>
            )}
            {able.giveBack && (
              <Button variant="default" leftSection={<IconArrowBackUp size={16} />} onClick={() => setDialog("back")}>
                {t.inbox.giveBack}
              </Button>
            )}
            {able.close && (
              <Button variant="default" leftSection={<IconCheck size={16} />} onClick={() => setDialog("close")}>
                {t.inbox.close}
              </Button>
            )}
          </div>
          <div className={classes.headInfo}>
            <ActionIcon aria-label={t.inbox.details} title={showDetails && wide ? t.inbox.hideDetails : t.inbox.details} aria-pressed={showDetails} onClick={() => setDetails(!showDetails)}>
              {wide ? <IconLayoutSidebarRight size={18} /> : <IconInfoCircle size={18} />}
            </ActionIcon>
          </div>
        </header>
        <Transcript conversation={c} />
        <Composer ref={composer} conversation={c} name={name} />
      </section>
      {wide && showDetails && (
        <aside className={classes.details} aria-label={t.inbox.details}>
          {facts}
        </aside>
      )}
      <Dialog side opened={!wide && showDetails} onClose={() => setDetails(false)} title={t.inbox.details}>
        {facts}
      </Dialog>
      <GiveBackDialog opened={dialog === "back"} onClose={() => setDialog(null)} submit={(note) => actions.giveBack.mutateAsync(note)} />
      <CloseDialog
        opened={dialog === "close"}
        onClose={() => setDialog(null)}
        typed={typed}
        submit={(v) => {
          setTyped(undefined);
          actions.end.run(v);
        }}
      />
    </div>
  );
}
