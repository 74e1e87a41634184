import { Button } from "@mantine/core";
import { confirm, DataTable, EmptyState, Pill, RelativeTime, RowName, Segmented, toasts, type Column, type Tone } from "@parley/ui";
import { IconRefresh, IconSend } from "@parley/ui/icons";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { explain } from "@/api/problem";
import { deliveryStates, webhookQueries, webhooks, type Delivery, type DeliveryState, type Webhook } from "@/api/webhooks";
import { lazyDialog } from "@/app/lazyDialog";
import { useCan } from "@/app/session";
import { tableOf } from "@/app/tableOf";
import { label } from "@/lib/labels";
import { t } from "@/strings";
import { wh } from "@/strings/webhooks";
import classes from "./Webhooks.module.css";

const DeliveryDialog = lazyDialog(async () => (await import("./DeliveryDialog.tsx")).DeliveryDialog);
const words = wh.webhooks.log;
const all = "all";
const kept = 30 * 86_400_000;

export const toneOf: Record<DeliveryState, Tone> = { pending: "info", delivered: "success", failed: "danger", cancelled: "neutral" };

/** What was sent, the newest first. Which one is looked at, and which are wanted, stands in the address. */
export function Deliveries({ webhook: w }: { webhook: Webhook }) {
  const may = useCan()("webhooks:write");
  const client = useQueryClient();
  const { state, delivery } = useSearch({ from: "/settings/webhooks/$webhookId" });
  const navigate = useNavigate({ from: "/settings/webhooks/$webhookId" });
  const query = webhookQueries.deliveries(w.id, state);
  const list = useInfiniteQuery(query);
  const show = (id: string | undefined) => void navigate({ search: (s) => ({ ...s, delivery: id }), replace: true });
  const resend = useMutation({
    mutationFn: () => webhooks.resendFailed(w.id, new Date(Date.now() - kept).toISOString()),
    onSuccess: (done) => toasts.success(words.resent(done.count)),
    onError: (e) => toasts.error(explain(e)),
    onSettled: () => client.invalidateQueries({ queryKey: webhookQueries.all.queryKey }),
  });
  const ask = async () => {
    if (await confirm({ title: words.resendFailedTitle(w.failed), body: words.resendFailedText, confirm: words.resendFailed })) resend.mutate();
  };
  const columns: Column<Delivery>[] = [
    {
      id: "event",
      header: words.columns.event,
      main: true,
      cell: (d) => (
        <RowName sub={d.eventId}>
          <button type="button" className={classes.open} onClick={() => show(d.id)}>
            {d.type}
          </button>
        </RowName>
      ),
    },
    { id: "state", header: words.columns.state, labelled: true, cell: (d) => <Pill tone={toneOf[d.state]}>{label(words.states, d.state)}</Pill> },
    { id: "attempts", header: words.columns.attempts, align: "end", labelled: true, text: (d) => d.attempts, cell: (d) => t.number(d.attempts) },
    {
      id: "answer",
      header: words.columns.answer,
      labelled: true,
      text: (d) => (d.attempts === 0 ? null : (d.lastStatus ?? d.lastError ?? words.noAnswer)),
      cell: (d) => (
        <span title={d.lastError ?? undefined}>
          {d.attempts === 0 ? "–" : (d.lastStatus ?? words.noAnswer)}
          {w.enabled && d.nextAttemptAt && d.attempts > 0 && (
            <span className={classes.muted}>
              {" · "}
              {words.again} <RelativeTime short at={d.nextAttemptAt} />
            </span>
          )}
        </span>
      ),
    },
    { id: "at", header: words.columns.at, align: "end", labelled: true, cell: (d) => <RelativeTime short at={d.createdAt} /> },
  ];
  return (
    <>
      <div className={classes.heading}>
        <div>
          <h2>{words.title}</h2>
          <p className={classes.muted}>{words.kept}</p>
        </div>
        {may && w.failed > 0 && (
          <Button variant="default" leftSection={<IconRefresh size={16} />} loading={resend.isPending} onClick={() => void ask()}>
            {words.resendFailed}
          </Button>
        )}
      </div>
      <div>
        <Segmented
          aria-label={words.filter}
          value={state ?? all}
          onChange={(v) => void navigate({ search: (s) => ({ ...s, state: deliveryStates.find((x) => x === v) }), replace: true })}
          data={[{ value: all, label: words.all }, ...deliveryStates.map((value) => ({ value, label: label(words.states, value) }))]}
        />
      </div>
      <DataTable
        label={words.title}
        columns={columns}
        {...tableOf(list, query)}
        rowId={(d) => d.id}
        onOpen={(d) => show(d.id)}
        empty={
          <EmptyState icon={IconSend} title={words.empty}>
            {state ? words.noneText : words.emptyText}
          </EmptyState>
        }
      />
      <DeliveryDialog key={delivery} opened={delivery !== undefined} id={delivery ?? ""} onClose={() => show(undefined)} />
    </>
  );
}
