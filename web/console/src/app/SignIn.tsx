import { Button, PasswordInput, TextInput } from "@mantine/core";
import { FormMessage, FormStack, useForm } from "@parley/ui";
import * as api from "@/api/calls";
import { explain, formProblem, Problem } from "@/api/problem";
import type { Session } from "@/api/types";
import { t } from "@/strings";

/** The form alone: it stands on its own page, and in the dialog over a page whose session ended. */
export function SignInForm({ onDone, email }: { onDone: (session: Session) => void; email?: string }) {
  const form = useForm({
    initial: { email: email ?? "", password: "" },
    validate: (v) => ({
      ...(!v.email.trim() && { email: t.signIn.emailMissing }),
      ...(!v.password && { password: t.signIn.passwordMissing }),
    }),
    submit: async (v) => onDone(await api.auth.signIn(v.email.trim(), v.password)),
    problem: (e) => (e instanceof Problem && e.code === "auth.locked" ? { message: t.signIn.locked(e.retryAfter ?? 900) } : formProblem(e)),
  });
  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={form.message} />
        <TextInput {...form.text("email")} label={t.signIn.email} type="email" autoComplete="username" data-autofocus={email ? undefined : true} autoFocus={!email} />
        <PasswordInput {...form.text("password")} label={t.signIn.password} autoComplete="current-password" data-autofocus={email ? true : undefined} autoFocus={Boolean(email)} />
        <Button type="submit" loading={form.pending} fullWidth>
          {t.signIn.submit}
        </Button>
      </FormStack>
    </form>
  );
}

export function ChangePasswordForm({ first, onDone }: { first: boolean; onDone: () => void }) {
  const form = useForm({
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
