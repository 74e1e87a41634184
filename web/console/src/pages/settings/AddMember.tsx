import { Button, NativeSelect, TextInput } from "@mantine/core";
import { Dialog, FormButtons, FormMessage, FormStack, toasts, useForm } from "@parley/ui";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain, formProblem, Problem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Role } from "@/api/types";
import * as ws from "@/api/workspace";
import { invitationLink } from "@/app/invitation";
import { t } from "@/strings";
import { st } from "@/strings/settings";
import { ShowSecret, type Secret } from "./SecretDialog.tsx";

const words = st.settings.members;

export function AddMember({ opened, roles, onClose }: { opened: boolean; roles: Role[]; onClose: () => void }) {
  const [secret, setSecret] = useState<Secret | null>(null);
  const close = () => {
    setSecret(null);
    onClose();
  };
  return (
    // What is shown once must not vanish by a stray click.
    <Dialog opened={opened} onClose={close} title={secret?.title ?? words.addTitle} dismissable={!secret}>
      {secret ? <ShowSecret secret={secret} onDone={close} /> : <AddForm roles={roles} onClose={close} onSecret={setSecret} />}
    </Dialog>
  );
}

const daysUntil = (at: string) => Math.round((Date.parse(at) - Date.now()) / 86_400_000);

function AddForm({ roles, onClose, onSecret }: { roles: Role[]; onClose: () => void; onSecret: (secret: Secret) => void }) {
  const client = useQueryClient();
  const [elsewhere, setElsewhere] = useState<string | null>(null);
  const form = useForm({
    initial: { name: "", email: "", role: roles.some((r) => r.key === "agent") ? "agent" : (roles[0]?.key ?? "") },
    validate: (v) => ({ ...(!v.name.trim() && { name: words.nameMissing }), ...(!v.email.includes("@") && { email: words.emailMissing }) }),
    submit: async (v) => {
      const name = v.name.trim();
      const made = await ws.team.add({ name, email: v.email.trim(), role: v.role });
      toasts.success(words.added(name));
      void client.invalidateQueries({ queryKey: queries.members.queryKey });
      onSecret({ title: words.passwordTitle, text: words.passwordText(name), value: made.temporaryPassword });
    },
    problem: (e) => {
      const known = e instanceof Problem && e.code === "member.has_account";
      setElsewhere(known ? form.values.email.trim() : null);
      return known ? { message: words.hasAccount, fields: { email: [words.hasAccount] } } : formProblem(e);
    },
  });
  const invite = useMutation({
    mutationFn: () => ws.team.invite({ email: form.values.email.trim(), role: form.values.role }),
    onSuccess: (made) => {
      toasts.success(words.invited(made.email));
      void client.invalidateQueries({ queryKey: ws.queries.invitations.queryKey });
      onSecret({ title: words.inviteTitle, text: words.inviteText(made.email, daysUntil(made.expiresAt)), value: invitationLink(made.code) });
    },
    onError: (e) => toasts.error(explain(e)),
  });
  const canInvite = elsewhere !== null && elsewhere === form.values.email.trim();
  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={form.message} />
        <TextInput {...form.text("name")} label={words.name} autoComplete="off" maxLength={200} data-autofocus />
        <TextInput {...form.text("email")} label={words.email} type="email" autoComplete="off" maxLength={254} />
        <NativeSelect
          label={words.role}
          value={form.values.role}
          error={form.errors.role}
          onChange={(e) => form.set("role", e.currentTarget.value)}
          data={roles.map((r) => ({ value: r.key, label: r.name }))}
        />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            {t.cancel}
          </Button>
          {canInvite ? (
            <Button loading={invite.isPending} onClick={() => invite.mutate()}>
              {words.invite}
            </Button>
          ) : (
            <Button type="submit" loading={form.pending}>
              {words.addSubmit}
            </Button>
          )}
        </FormButtons>
      </FormStack>
    </form>
  );
}
