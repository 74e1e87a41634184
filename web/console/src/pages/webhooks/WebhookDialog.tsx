import { Button, Checkbox, TextInput } from "@mantine/core";
import { Dialog, ErrorState, FormButtons, FormMessage, FormStack, ListSkeleton, toasts, useForm } from "@parley/ui";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { explain, formProblem } from "@/api/problem";
import { webhookQueries, webhooks, type Webhook, type WebhookEvent } from "@/api/webhooks";
import { t } from "@/strings";
import { wh } from "@/strings/webhooks";
import classes from "./Webhooks.module.css";

const words = wh.webhooks.form;
const testType = "webhook.test";
type Props = { opened: boolean; webhook: Webhook | null; onClose: () => void; /** With the secret, which is shown this once. */ onMade?: (id: string, secret: string) => void };

/** A new webhook, or one that is changed. */
export function WebhookDialog({ opened, ...props }: Props) {
  const events = useQuery(webhookQueries.events);
  return (
    <Dialog size="lg" opened={opened} onClose={props.onClose} title={props.webhook ? words.editTitle : words.addTitle}>
      {events.isPending ? (
        <ListSkeleton rows={6} />
      ) : events.isError ? (
        <ErrorState compact detail={explain(events.error)} onRetry={() => void events.refetch()} />
      ) : (
        <WebhookForm {...props} events={events.data.filter((e) => e.type !== testType)} />
      )}
    </Dialog>
  );
}

function WebhookForm({ webhook: w, events, onClose, onMade }: Omit<Props, "opened"> & { events: WebhookEvent[] }) {
  const client = useQueryClient();
  const form = useForm({
    initial: { url: w?.url ?? "", description: w?.description ?? "", events: w?.events ?? [] },
    validate: (v) => ({ ...(!v.url.trim() && { url: words.urlMissing }), ...(v.events.length === 0 && { events: words.eventsMissing }) }),
    submit: async (v) => {
      const entry = { url: v.url.trim(), description: v.description.trim(), events: v.events };
      if (w) {
        await webhooks.change(w.id, { ...entry, version: w.version });
        toasts.success(words.saved);
        onClose();
      } else {
        const made = await webhooks.add(entry);
        onMade?.(made.webhook.id, made.secret);
      }
      void client.invalidateQueries({ queryKey: webhookQueries.all.queryKey });
    },
    problem: formProblem,
  });
  const toggle = (type: string, on: boolean) => form.set("events", on ? [...form.values.events, type] : form.values.events.filter((e) => e !== type));
  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={form.message} />
        <TextInput {...form.text("url")} label={words.url} description={words.urlHint} placeholder={words.urlExample} inputMode="url" autoComplete="off" maxLength={2000} dir="ltr" />
        <TextInput {...form.text("description")} label={words.description} description={words.descriptionHint} autoComplete="off" maxLength={200} />
        <fieldset className={classes.group}>
          <legend>{words.events}</legend>
          {events.map((e) => (
            <Checkbox
              key={e.type}
              label={e.type}
              description={e.content ? `${e.description} ${words.content}.` : e.description}
              checked={form.values.events.includes(e.type)}
              onChange={(x) => toggle(e.type, x.currentTarget.checked)}
            />
          ))}
          {form.errors.events && (
            <div className={classes.error} role="alert">
              {form.errors.events}
            </div>
          )}
        </fieldset>
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button type="submit" loading={form.pending}>
            {words.save}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
