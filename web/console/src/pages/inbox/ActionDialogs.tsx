import { Button, Radio, Textarea } from "@mantine/core";
import { Dialog, FormButtons, FormMessage, FormStack, useForm } from "@parley/ui";
import { formProblem } from "@/api/problem";
import { t } from "@/strings";
import type { Closing } from "./useConversationActions.ts";
import classes from "./ActionDialogs.module.css";

type Common = { opened: boolean; onClose: () => void };

export function GiveBackDialog({ opened, onClose, submit }: Common & { submit: (note: string) => Promise<unknown> }) {
  return (
    <Dialog opened={opened} onClose={onClose} title={t.inbox.giveBackTitle}>
      <GiveBackForm onClose={onClose} submit={submit} />
    </Dialog>
  );
}

function GiveBackForm({ onClose, submit }: { onClose: () => void; submit: (note: string) => Promise<unknown> }) {
  const form = useForm({
    initial: { note: "" },
    submit: async (v) => {
      await submit(v.note);
      onClose();
    },
    problem: formProblem,
  });
  return (
    <form {...form.formProps}>
      <FormStack>
        <p className={classes.text}>{t.inbox.giveBackText}</p>
        <FormMessage text={form.message} />
        <Textarea {...form.text("note")} label={t.inbox.giveBackNote} rows={3} maxLength={8000} data-autofocus />
        <Buttons onClose={onClose} pending={form.pending} label={t.inbox.giveBack} />
      </FormStack>
    </form>
  );
}

type CloseProps = { submit: (v: Closing) => void; /** What was typed before, where that came to nothing. */ typed?: Closing | undefined };

export function CloseDialog({ opened, onClose, ...rest }: Common & CloseProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title={t.inbox.closeTitle}>
      <CloseForm onClose={onClose} {...rest} />
    </Dialog>
  );
}

function CloseForm({ onClose, submit, typed }: CloseProps & { onClose: () => void }) {
  const form = useForm({
    initial: { resolved: typed?.resolved === false ? "no" : "yes", note: typed?.note ?? "" },
    submit: async (v) => {
      onClose();
      submit({ resolved: v.resolved === "yes", note: v.note });
    },
    problem: formProblem,
  });
  return (
    <form {...form.formProps}>
      <FormStack>
        <p className={classes.text}>{t.inbox.closeText}</p>
        <FormMessage text={form.message} />
        <Radio.Group value={form.values.resolved} onChange={(v) => form.set("resolved", v)} aria-label={t.inbox.closeTitle}>
          <FormStack>
            <Radio value="yes" label={t.inbox.closeResolved} description={t.inbox.closeResolvedText} data-autofocus />
            <Radio value="no" label={t.inbox.closeUnresolved} description={t.inbox.closeUnresolvedText} />
          </FormStack>
        </Radio.Group>
        <Textarea {...form.text("note")} label={t.inbox.closeNote} rows={2} maxLength={8000} />
        <Buttons onClose={onClose} pending={form.pending} label={t.inbox.close} />
      </FormStack>
    </form>
  );
}

function Buttons({ onClose, pending, label }: { onClose: () => void; pending: boolean; label: string }) {
  return (
    <FormButtons>
      <Button variant="default" onClick={onClose}>
        {t.cancel}
      </Button>
      <Button type="submit" loading={pending}>
        {label}
      </Button>
    </FormButtons>
  );
}
