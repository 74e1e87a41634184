import { Button, PasswordInput, TextInput } from "@mantine/core";
import { Card, confirm, DataTable, Dialog, ErrorState, FormButtons, FormMessage, FormStack, Hint, ListSkeleton, Pill, RelativeTime, toasts, useForm, type Column } from "@parley/ui";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain, formProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { OwnSession, Session } from "@/api/types";
import * as ws from "@/api/workspace";
import { lazyDialog } from "@/app/lazyDialog";
import { useSession } from "@/app/session";
import { errorOf } from "@/app/tableOf";
import { t } from "@/strings";
import { st } from "@/strings/settings";
import { deviceOf } from "./device.ts";
import { RecoveryCodes, SetUpSecondFactor } from "./SecondFactor.tsx";
import classes from "./Settings.module.css";

const PasswordDialog = lazyDialog(async () => (await import("@/app/PasswordDialog")).PasswordDialog);
const words = st.settings.account;

/** What concerns the person who is signed in, whatever their role. */
export function AccountPage() {
  return (
    <div className={classes.stack}>
      <Profile />
      <Password />
      <Factor />
      <Sessions />
    </div>
  );
}

function Profile() {
  const { user } = useSession();
  const client = useQueryClient();
  const form = useForm({
    initial: { name: user.name },
    validate: (v) => ({ ...(!v.name.trim() && { name: words.nameMissing }) }),
    submit: async (v) => {
      client.setQueryData<Session>(queries.session.queryKey, await ws.account.rename(v.name.trim()));
      void client.invalidateQueries({ queryKey: queries.members.queryKey });
      toasts.success(words.saved);
    },
    problem: formProblem,
  });
  return (
    <Card title={words.profile}>
      <form {...form.formProps}>
        <FormStack>
          <FormMessage text={form.message} />
          <TextInput {...form.text("name")} label={words.name} maxLength={200} autoComplete="name" />
          <TextInput label={words.email} value={user.email} readOnly />
          <FormButtons>
            <Button type="submit" loading={form.pending} disabled={form.values.name.trim() === user.name}>
              {words.save}
            </Button>
          </FormButtons>
        </FormStack>
      </form>
    </Card>
  );
}

function Password() {
  const [open, setOpen] = useState(false);
  return (
    <Card
      title={words.password}
      description={words.passwordText}
      actions={
        <Button variant="default" onClick={() => setOpen(true)}>
          {words.changePassword}
        </Button>
      }
    >
      <PasswordDialog opened={open} onClose={() => setOpen(false)} />
    </Card>
  );
}

function Factor() {
  const client = useQueryClient();
  const factor = useQuery(ws.queries.secondFactor);
  const [dialog, setDialog] = useState<"setUp" | "codes" | "disable" | null>(null);
  const done = () => {
    setDialog(null);
    void client.invalidateQueries({ queryKey: ws.queries.secondFactor.queryKey });
    void client.invalidateQueries({ queryKey: queries.session.queryKey });
    void client.invalidateQueries({ queryKey: ws.queries.ownSessions.queryKey });
    void client.invalidateQueries({ queryKey: queries.members.queryKey });
  };
  return (
    <Card title={words.factor} description={words.factorText}>
      {factor.isPending && <ListSkeleton rows={1} />}
      {factor.isError && <ErrorState compact detail={explain(factor.error)} onRetry={() => void factor.refetch()} />}
      {factor.data && (
        <div className={classes.head}>
          <p className={classes.text}>
            {factor.data.enabled ? words.factorOn(factor.data.recoveryCodesLeft) : words.factorOff} {factor.data.enabled && factor.data.recoveryCodesLeft < 4 && words.factorFew}{" "}
            {factor.data.enabled && factor.data.required && words.required}
          </p>
          {factor.data.enabled ? (
            <span className={classes.rowActions}>
              <Button variant="default" onClick={() => setDialog("codes")}>
                {words.newCodes}
              </Button>
              {!factor.data.required && (
                <Button variant="default" onClick={() => setDialog("disable")}>
                  {words.disable}
                </Button>
              )}
            </span>
          ) : (
            <Button onClick={() => setDialog("setUp")}>{words.setUp}</Button>
          )}
        </div>
      )}
      <Dialog opened={dialog === "setUp"} onClose={done} title={words.setUpTitle} dismissable={false}>
        <SetUpSecondFactor onDone={done} />
      </Dialog>
      <Dialog opened={dialog === "codes"} onClose={done} title={words.newCodes}>
        <NewCodes onDone={done} />
      </Dialog>
      <Dialog opened={dialog === "disable"} onClose={done} title={words.disableTitle}>
        <DisableForm onDone={done} />
      </Dialog>
    </Card>
  );
}

function NewCodes({ onDone }: { onDone: () => void }) {
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const form = useForm({
    initial: { passcode: "" },
    validate: (v) => ({ ...(!v.passcode.trim() && { passcode: words.codeMissing }) }),
    submit: async (v) => setCodes((await ws.account.replaceRecoveryCodes(v.passcode.trim())).codes),
    problem: formProblem,
  });
  if (codes) return <RecoveryCodes codes={codes} onDone={onDone} />;
  return (
    <form {...form.formProps}>
      <FormStack>
        <Hint>{words.newCodesText}</Hint>
        <FormMessage text={form.message} />
        <TextInput {...form.text("passcode")} label={words.code} autoComplete="one-time-code" maxLength={40} data-autofocus />
        <FormButtons>
          <Button variant="default" onClick={onDone}>
            {t.cancel}
          </Button>
          <Button type="submit" loading={form.pending}>
            {words.makeCodes}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}

function DisableForm({ onDone }: { onDone: () => void }) {
  const form = useForm({
    initial: { password: "", passcode: "" },
    validate: (v) => ({ ...(!v.password && { password: words.passwordMissing }), ...(!v.passcode.trim() && { passcode: words.codeMissing }) }),
    submit: async (v) => {
      await ws.account.disableSecondFactor(v.password, v.passcode.trim());
      toasts.success(words.disabled);
      onDone();
    },
    problem: formProblem,
  });
  return (
    <form {...form.formProps}>
      <FormStack>
        <Hint tone="warning">{words.disableText}</Hint>
        <FormMessage text={form.message} />
        <PasswordInput {...form.text("password")} label={words.yourPassword} autoComplete="current-password" data-autofocus />
        <TextInput {...form.text("passcode")} label={words.code} autoComplete="one-time-code" maxLength={40} />
        <FormButtons>
          <Button variant="default" onClick={onDone}>
            {t.cancel}
          </Button>
          <Button type="submit" color="red" loading={form.pending}>
            {words.disable}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}

function Sessions() {
  const client = useQueryClient();
  const sessions = useQuery(ws.queries.ownSessions);
  const again = () => void client.invalidateQueries({ queryKey: ws.queries.ownSessions.queryKey });
  const end = useMutation({
    mutationFn: (s: OwnSession) => ws.account.endSession(s.id),
    onSuccess: () => toasts.success(words.ended),
    onError: (e) => toasts.error(explain(e)),
    onSettled: again,
  });
  const others = useMutation({
    mutationFn: () => ws.account.endOthers(),
    onSuccess: (answer) => toasts.success(words.othersEnded(answer.ended)),
    onError: (e) => toasts.error(explain(e)),
    onSettled: again,
  });
  const askOthers = async () => {
    if (await confirm({ title: words.endOthersTitle, body: words.endOthersText, confirm: words.endOthers, danger: true })) others.mutate();
  };
  const columns: Column<OwnSession>[] = [
    {
      id: "device",
      header: words.columns.device,
      main: true,
      cell: (s) => (
        <>
          {deviceOf(s.userAgent)} {s.current && <Pill>{words.current}</Pill>}
        </>
      ),
    },
    { id: "ip", header: words.columns.ip, cell: (s) => s.ip },
    { id: "seen", header: words.columns.seen, labelled: true, cell: (s) => <RelativeTime short at={s.seenAt} /> },
    { id: "since", header: words.columns.since, labelled: true, cell: (s) => <RelativeTime short at={s.createdAt} /> },
    {
      id: "actions",
      header: t.actions,
      quiet: true,
      align: "end",
      cell: (s) =>
        !s.current && (
          <Button size="compact-sm" variant="subtle" loading={end.isPending && end.variables.id === s.id} onClick={() => end.mutate(s)}>
            {words.end}
          </Button>
        ),
    },
  ];
  return (
    <Card
      title={words.sessions}
      description={words.sessionsText}
      actions={
        (sessions.data?.items.length ?? 0) > 1 && (
          <Button variant="default" loading={others.isPending} onClick={() => void askOthers()}>
            {words.endOthers}
          </Button>
        )
      }
    >
      <DataTable label={words.sessions} columns={columns} rows={sessions.data?.items} rowId={(s) => s.id} error={errorOf(sessions)} empty={<p>{words.none}</p>} />
    </Card>
  );
}
