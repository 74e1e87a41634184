import { Dialog, ErrorState, ListSkeleton, Page, PageHeader, Pill } from "@parley/ui";
import { IconInbox } from "@parley/ui/icons";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import { lazyDialog } from "@/app/lazyDialog";
import { ButtonLink } from "@/app/links";
import { useCan } from "@/app/session";
import { label } from "@/lib/labels";
import { customerName } from "@/lib/messages";
import { t } from "@/strings";
import { ConversationFacts } from "./ConversationFacts.tsx";
import { ConversationTags } from "./ConversationTags.tsx";
import { useGolden } from "./useGolden.ts";
import classes from "./ConversationPage.module.css";
import { Transcript } from "./Transcript.tsx";

const TraceView = lazy(async () => ({ default: (await import("./TraceView")).TraceView }));
const EraseMenu = lazy(async () => ({ default: (await import("@/pages/settings/EraseMenu")).EraseMenu }));
const QuestionDialog = lazyDialog(async () => (await import("@/pages/quality/QuestionDialog")).QuestionDialog);

export function ConversationPage() {
  const { conversationId } = useParams({ from: "/conversations/$conversationId" });
  const { message, turn } = useSearch({ from: "/conversations/$conversationId" });
  const navigate = useNavigate({ from: "/conversations/$conversationId" });
  const conversation = useQuery(queries.conversation(conversationId));
  const can = useCan();
  const may = can("quality:write");
  const golden = useGolden();
  const back = <Link to="/conversations">{t.conversations.back}</Link>;

  if (conversation.isPending)
    return (
      <Page>
        <ListSkeleton rows={5} height={72} gap={16} />
      </Page>
    );
  if (conversation.isError)
    return (
      <Page>
        <PageHeader title={t.conversation.transcript} back={back} />
        <ErrorState detail={explain(conversation.error)} onRetry={() => void conversation.refetch()} />
      </Page>
    );
  const c = conversation.data;
  const showTrace = (turnId: string | undefined) => void navigate({ search: (old) => ({ ...old, turn: turnId }), replace: true });
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <PageHeader
          back={back}
          title={c.subject ?? t.conversation.noSubject}
          description={
            <span className={classes.meta}>
              {customerName(c)}
              <Pill tone={c.status === "open" ? "success" : "neutral"}>{label(t.conversation.status, c.status)}</Pill>
              <ConversationTags conversation={c} />
            </span>
          }
          actions={
            <>
              {c.status === "open" && (
                <ButtonLink to="/inbox/$conversationId" params={{ conversationId: c.id }} search={{ view: "open" }} variant="default" leftSection={<IconInbox size={16} />}>
                  {t.conversations.openInInbox}
                </ButtonLink>
              )}
              {can("privacy:write") && (
                <Suspense>
                  <EraseMenu conversationId={c.id} customerId={c.endUser.id} customerName={customerName(c)} />
                </Suspense>
              )}
            </>
          }
        />
      </div>
      <div className={classes.body}>
        <div className={classes.transcript}>
          <Transcript conversation={c} onTrace={showTrace} target={message} onGolden={may ? (m) => void golden.keep(m, c) : undefined} />
        </div>
        <aside className={classes.facts} aria-label={t.inbox.details}>
          <ConversationFacts conversation={c} />
        </aside>
      </div>
      <Dialog side opened={turn !== undefined} onClose={() => showTrace(undefined)} title={t.conversation.traceTitle}>
        {turn && (
          <Suspense fallback={<ListSkeleton rows={8} height={36} />}>
            <TraceView turnId={turn} conversationId={c.id} />
          </Suspense>
        )}
      </Dialog>
      <QuestionDialog opened={golden.form !== null} onClose={golden.close} {...golden.form} />
    </div>
  );
}
