import { ActionIcon, Button, TextInput } from "@mantine/core";
import { Card, confirm, CopyButton, DataTable, EmptyState, FormMessage, FormStack, Pill, RelativeTime, RowName, toasts, useForm, type Column } from "@parley/ui";
import { IconKey, IconTrash } from "@parley/ui/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain, formProblem } from "@/api/problem";
import { identity, identityQueries, type IdentityKey } from "@/api/identity";
import { errorOf } from "@/app/tableOf";
import { useCan } from "@/app/session";
import { t } from "@/strings";
import { wd } from "@/strings/widgets";
import { SecretDialog, type Secret } from "./SecretDialog.tsx";
import classes from "./Settings.module.css";

const words = wd.widget.identity;

/** Exactly as it is to be pasted into a page that knows who is signed in. */
const pageCode = `<script>
  window.Parley = window.Parley || function () { (Parley.q = Parley.q || []).push(arguments); };
  Parley('identify', 'TOKEN_FROM_YOUR_SERVER');
</script>`;

/** Keys by which the company's own server says who a visitor is. */
export function IdentityCard() {
  const may = useCan()("widgets:write");
  const client = useQueryClient();
  const keys = useQuery(identityQueries.all);
  const [secret, setSecret] = useState<Secret | null>(null);
  const again = () => client.invalidateQueries({ queryKey: identityQueries.all.queryKey });
  const form = useForm({
    initial: { name: "" },
    validate: (v) => ({ ...(!v.name.trim() && { name: words.nameMissing }) }),
    submit: async (v) => {
      const made = await identity.add(v.name.trim());
      form.set("name", "");
      setSecret({ title: words.onceTitle, text: words.onceText(made.key.id), value: made.secret });
      void again();
    },
    problem: formProblem,
  });
  const revoke = useMutation({
    mutationFn: (k: IdentityKey) => identity.revoke(k.id),
    onSuccess: () => toasts.success(words.revoked),
    onError: (e) => toasts.error(explain(e)),
    onSettled: again,
  });
  const ask = async (k: IdentityKey) => {
    if (await confirm({ title: words.revokeTitle(k.name), body: words.revokeText, confirm: words.revoke, danger: true })) revoke.mutate(k);
  };
  const columns: Column<IdentityKey>[] = [
    {
      id: "name",
      header: words.columns.name,
      main: true,
      text: (k) => k.name,
      cell: (k) => (
        <RowName wraps sub={k.id}>
          <span className={classes.personName}>
            {k.name} {k.revokedAt && <Pill tone="danger">{words.revokedPill}</Pill>}
          </span>
        </RowName>
      ),
    },
    { id: "secret", header: words.columns.secret, labelled: true, cell: (k) => <span className={classes.mono}>{k.secretHint}</span> },
    { id: "used", header: words.columns.used, align: "end", labelled: true, text: (k) => k.lastUsedAt, cell: (k) => (k.lastUsedAt ? <RelativeTime short at={k.lastUsedAt} /> : t.never) },
    ...(may
      ? [
          {
            id: "actions",
            header: t.actions,
            quiet: true,
            align: "end" as const,
            width: "3rem",
            cell: (k: IdentityKey) =>
              k.revokedAt === null && (
                <ActionIcon aria-label={words.revokeTitle(k.name)} title={words.revoke} onClick={() => void ask(k)}>
                  <IconTrash size={16} />
                </ActionIcon>
              ),
          },
        ]
      : []),
  ];
  return (
    <Card title={words.title} description={words.text}>
      <FormStack>
        <p className={classes.sub}>{words.howText}</p>
        <div className={classes.codeBox}>
          <pre className={classes.code} tabIndex={0} dir="ltr">
            {pageCode}
          </pre>
          <CopyButton text={pageCode} />
        </div>
        {may && (
          <form {...form.formProps}>
            <FormMessage text={form.message} />
            <div className={classes.inlineForm}>
              <TextInput {...form.text("name")} aria-label={words.name} placeholder={words.nameExample} maxLength={100} autoComplete="off" />
              <Button type="submit" variant="default" loading={form.pending}>
                {words.create}
              </Button>
            </div>
          </form>
        )}
        <DataTable
          label={words.title}
          columns={columns}
          rows={keys.data}
          error={errorOf(keys)}
          rowId={(k) => k.id}
          empty={
            <EmptyState compact icon={IconKey} title={words.empty}>
              {words.emptyText}
            </EmptyState>
          }
        />
      </FormStack>
      <SecretDialog secret={secret} onDone={() => setSecret(null)} />
    </Card>
  );
}
