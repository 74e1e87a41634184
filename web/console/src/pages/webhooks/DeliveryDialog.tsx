import { Button } from "@mantine/core";
import { CopyButton, Dialog, ErrorState, FormButtons, FormStack, Hint, ListSkeleton, Pill, RelativeTime, toasts } from "@parley/ui";
import { IconRefresh } from "@parley/ui/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { explain } from "@/api/problem";
import { webhookQueries, webhooks, type Attempt, type DeliveryDetail } from "@/api/webhooks";
import { ButtonLink } from "@/app/links";
import { useCan } from "@/app/session";
import { label } from "@/lib/labels";
import { wh } from "@/strings/webhooks";
import { toneOf } from "./Deliveries.tsx";
import classes from "./Webhooks.module.css";

const words = wh.webhooks.delivery;
const log = wh.webhooks.log;

/** What was sent, and how each attempt went. */
export function DeliveryDialog({ opened, id, onClose }: { opened: boolean; id: string; onClose: () => void }) {
  const delivery = useQuery(webhookQueries.delivery(id));
  return (
    <Dialog side size="lg" opened={opened} onClose={onClose} title={delivery.data?.type ?? log.columns.event}>
      {delivery.isPending ? (
        <ListSkeleton rows={6} />
      ) : delivery.isError ? (
        <ErrorState compact detail={explain(delivery.error)} onRetry={() => void delivery.refetch()} />
      ) : (
        <Delivered delivery={delivery.data} />
      )}
    </Dialog>
  );
}

function Delivered({ delivery: d }: { delivery: DeliveryDetail }) {
  const can = useCan();
  const client = useQueryClient();
  const resend = useMutation({
    mutationFn: () => webhooks.resend(d.id),
    onSuccess: () => toasts.success(words.resent),
    onError: (e) => toasts.error(explain(e)),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: webhookQueries.delivery(d.id).queryKey });
      await client.invalidateQueries({ queryKey: webhookQueries.all.queryKey });
    },
  });
  const payload = d.payload === null ? null : JSON.stringify(d.payload, null, 2);
  return (
    <FormStack>
      <dl className={classes.facts}>
        <div>
          <dt>{log.columns.state}</dt>
          <dd>
            <Pill tone={toneOf[d.state]}>{label(log.states, d.state)}</Pill>
          </dd>
        </div>
        <div>
          <dt>{log.columns.at}</dt>
          <dd>
            <RelativeTime at={d.createdAt} />
          </dd>
        </div>
        {d.nextAttemptAt && (
          <div>
            <dt>{words.next}</dt>
            <dd>
              <RelativeTime at={d.nextAttemptAt} />
            </dd>
          </div>
        )}
        <div>
          <dt>{words.id}</dt>
          <dd dir="ltr">{d.eventId}</dd>
        </div>
      </dl>
      <FormButtons>
        {d.conversationId && can("conversations:read") && (
          <ButtonLink variant="default" to="/conversations/$conversationId" params={{ conversationId: d.conversationId }} search={{}}>
            {words.conversation}
          </ButtonLink>
        )}
        {can("webhooks:write") && (
          <Button leftSection={<IconRefresh size={16} />} loading={resend.isPending} onClick={() => resend.mutate()}>
            {words.resend}
          </Button>
        )}
      </FormButtons>
      <h3 className={classes.sub}>{words.attempts}</h3>
      {d.attemptLog.length === 0 ? (
        <p className={classes.muted}>{words.none}</p>
      ) : (
        <ol className={classes.attempts}>
          {d.attemptLog.map((a) => (
            <li key={a.number} className={classes.attempt}>
              <OneAttempt attempt={a} />
            </li>
          ))}
        </ol>
      )}
      <div className={classes.heading}>
        <h3 className={classes.sub}>{words.payload}</h3>
        {payload !== null && <CopyButton text={payload} />}
      </div>
      {payload === null ? (
        <Hint>{words.hidden}</Hint>
      ) : (
        <pre className={classes.code} tabIndex={0} dir="ltr">
          {payload}
        </pre>
      )}
    </FormStack>
  );
}

function OneAttempt({ attempt: a }: { attempt: Attempt }) {
  const accepted = a.status !== null && a.status >= 200 && a.status < 300;
  return (
    <>
      <div className={classes.attemptHead}>
        <Pill tone={accepted ? "success" : "danger"}>{a.status ?? log.noAnswer}</Pill>
        <span>{words.attempt(a.number)}</span>
        <span className={classes.muted}>
          <RelativeTime at={a.at} />
          {" · "}
          {words.took(a.durationMs)}
        </span>
      </div>
      <p>{a.error ?? words.accepted}</p>
      {a.response && (
        <pre className={classes.code} tabIndex={0} dir="auto">
          {a.response}
        </pre>
      )}
    </>
  );
}
