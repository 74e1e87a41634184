import { Button, PasswordInput, TextInput } from "@mantine/core";
import { FormMessage, FormStack, useForm } from "@parley/ui";
import { useState } from "react";
import * as api from "@/api/calls";
import { explain, formProblem, Problem } from "@/api/problem";
import type { Session } from "@/api/types";
import { t } from "@/strings";

/** The form alone: it stands on its own page, and in the dialog over a page whose session ended. */
export function SignInForm({ onDone, email }: { onDone: (session: Session) => void; email?: string }) {
  // The password was right: the code is asked for in the same form, which keeps what was typed.
  const [asked, setAsked] = useState(false);
  const form = useForm({
    guarded: false,
    initial: { email: email ?? "", password: "", passcode: "" },
    validate: (v) => ({
      ...(!v.email.trim() && { email: t.signIn.emailMissing }),
      ...(!v.password && { password: t.signIn.passwordMissing }),
      ...(asked && !v.passcode.trim() && { passcode: t.signIn.passcodeMissing }),
    }),
    submit: async (v) => {
      try {
        onDone(await api.auth.signIn(v.email.trim(), v.password, v.passcode.trim()));
      } catch (error) {
        if (!(error instanceof Problem && error.code === "auth.second_factor_needed")) throw error;
        setAsked(true);
      }
    },
    problem: (e) => (e instanceof Problem && e.code === "auth.locked" ? { message: t.signIn.locked(e.retryAfter ?? 900) } : formProblem(e)),
  });
  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={form.message} />
        <TextInput {...form.text("email")} label={t.signIn.email} type="email" autoComplete="username" data-autofocus={email ? undefined : true} autoFocus={!email} />
        <PasswordInput {...form.text("password")} label={t.signIn.password} autoComplete="current-password" data-autofocus={email ? true : undefined} autoFocus={Boolean(email)} />
        {asked && (
          <TextInput {...form.text("passcode")} label={t.signIn.passcode} description={t.signIn.passcodeHint} autoComplete="one-time-code" spellCheck={false} maxLength={40} autoFocus />
        )}
        <Button type="submit" loading={form.pending} fullWidth>
          {t.signIn.submit}
        </Button>
      </FormStack>
    </form>
  );
}

export function ChangePasswordForm({ first, onDone }: { first: boolean; onDone: () => void }) {
  const form = useForm({
    guarded: false,
    initial: { current: "", next: "", repeat: "" },
    validate: (v) => ({
      ...(!v.current && { current: t.signIn.passwordMissing }),
      ...(v.next.length < 12 && { next: t.signIn.tooShort }),
      ...(v.next !== v.repeat && { repeat: t.signIn.mismatch }),
    }),
    submit: async (v) => {
      await api.auth.password(v.current, v.next);
      onDone();
    },
    problem: (e) => (e instanceof Problem && e.code === "auth.failed" ? { message: explain(e), fields: { current: [t.signIn.currentWrong] } } : formProblem(e)),
  });
  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={form.message} />
        <PasswordInput {...form.text("current")} label={first ? t.signIn.currentFirst : t.signIn.current} autoComplete="current-password" data-autofocus autoFocus />
        <PasswordInput {...form.text("next")} label={t.signIn.next} description={t.signIn.nextHint} autoComplete="new-password" />
        <PasswordInput {...form.text("repeat")} label={t.signIn.repeat} autoComplete="new-password" />
        <Button type="submit" loading={form.pending} fullWidth>
          {t.signIn.change}
        </Button>
      </FormStack>
    </form>
  );
}

/** Opened by the link that an owner gave: chooses a new password without the old one. */
export function NewPasswordForm({ link, onDone }: { link: string; onDone: () => void }) {
  const form = useForm({
    guarded: false,
    initial: { password: "", repeat: "" },
    validate: (v) => ({ ...(v.password.length < 12 && { password: t.signIn.tooShort }), ...(v.password !== v.repeat && { repeat: t.signIn.mismatch }) }),
    submit: async (v) => {
      await api.auth.useLink(link, v.password);
      onDone();
    },
    problem: formProblem,
  });
  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={form.message} />
        <PasswordInput {...form.text("password")} label={t.signIn.next} description={t.signIn.nextHint} autoComplete="new-password" autoFocus />
        <PasswordInput {...form.text("repeat")} label={t.signIn.repeat} autoComplete="new-password" />
        <Button type="submit" loading={form.pending} fullWidth>
          {t.signIn.change}
        </Button>
      </FormStack>
    </form>
  );
}
