import { Button, TextInput } from "@mantine/core";
import { Dialog, FormButtons, FormMessage, FormStack, useForm } from "@parley/ui";
import * as api from "@/api/calls";
import { formProblem } from "@/api/problem";
import { t } from "@/strings";
import { invitationCode, invitedBy } from "./invitation.ts";
import classes from "./SignIn.module.css";

/** Enters a workspace by the code of an invitation; the console starts anew in it. */
export function JoinDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Dialog opened={opened} onClose={onClose} title={t.nav.join}>
      <JoinForm onClose={onClose} />
    </Dialog>
  );
}

function JoinForm({ onClose }: { onClose: () => void }) {
  const form = useForm({
    guarded: false,
    initial: { code: invitedBy() ?? "" },
    validate: (v) => (invitationCode(v.code) ? {} : { code: t.nav.joinMissing }),
    submit: async (v) => {
      const known = new Set((await api.auth.session()).tenants.map((x) => x.id));
      const session = await api.auth.join(invitationCode(v.code) ?? "");
      const joined = session.tenants.find((x) => !known.has(x.id));
      if (joined && joined.id !== session.tenant.id) await api.auth.switchTenant(joined.id);
      window.location.assign("/console/");
    },
    problem: formProblem,
  });
  return (
    <form {...form.formProps}>
      <FormStack>
        <p className={classes.hint}>{t.nav.joinText}</p>
        <FormMessage text={form.message} />
        <TextInput {...form.text("code")} label={t.nav.joinCode} autoComplete="off" data-autofocus />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button type="submit" loading={form.pending}>
            {t.nav.joinSubmit}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
