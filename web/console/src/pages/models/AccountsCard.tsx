import { ActionIcon, Button } from "@mantine/core";
import { Card, confirm, DataTable, EmptyState, Menu, MenuItem, Pill, RelativeTime, RowName, toasts, type Column } from "@parley/ui";
import { IconBolt, IconDots, IconPlus, IconSettings, IconSparkles, IconTrash } from "@parley/ui/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { models, type ModelAccount, type ModelCatalogue } from "@/api/models";
import { explain } from "@/api/problem";
import { lazyDialog } from "@/app/lazyDialog";
import { mo } from "@/strings/models";
import classes from "./Models.module.css";

const AccountDialog = lazyDialog(async () => (await import("./AccountDialog.tsx")).AccountDialog);
const TestDialog = lazyDialog(async () => (await import("./TestDialog.tsx")).TestDialog);

const words = mo.models.accounts;
type Props = { accounts: ModelAccount[]; catalogue: ModelCatalogue; may: boolean };

export function AccountsCard({ accounts, catalogue, may }: Props) {
  const client = useQueryClient();
  const [opened, setOpened] = useState<{ dialog: "account"; account: ModelAccount | null } | { dialog: "test"; account: ModelAccount } | null>(null);
  const close = () => setOpened(null);
  const remove = useMutation({
    mutationFn: (a: ModelAccount) => models.remove(a.id, a.serves.length > 0),
    onSuccess: () => {
      toasts.success(words.removed);
      void client.invalidateQueries({ queryKey: ["models"] });
    },
    onError: (e) => toasts.error(explain(e)),
  });
  const ask = async (a: ModelAccount) => {
    const body = a.serves.length > 0 ? words.removeServing(a.serves.join(", ")) : words.removeText;
    if (await confirm({ title: words.removeTitle(a.name), body, confirm: words.remove, danger: true })) remove.mutate(a);
  };
  const providerOf = (a: ModelAccount) => catalogue.providers.find((p) => p.kind === a.provider)?.name ?? a.provider;
  const columns: Column<ModelAccount>[] = [
    {
      id: "name",
      header: words.columns.name,
      main: true,
      cell: (a) => (
        <RowName wraps sub={[providerOf(a), a.baseUrl, a.keyHint && words.key(a.keyHint)].filter(Boolean).join(" · ")}>
          <span className={classes.name}>
            {a.name} {a.ofInstance && <Pill>{words.ofInstance}</Pill>} {!a.enabled && <Pill tone="warning">{words.off}</Pill>}
          </span>
        </RowName>
      ),
    },
    { id: "serves", header: words.columns.serves, labelled: true, cell: (a) => <span className={classes.muted}>{a.serves.length > 0 ? a.serves.join(", ") : words.nothing}</span> },
    { id: "tested", header: words.columns.tested, labelled: true, text: (a) => a.testedAt, cell: (a) => (a.ofInstance ? null : <LastTest account={a} />) },
    ...(may
      ? [
          {
            id: "actions",
            header: words.columns.actions,
            quiet: true,
            align: "end" as const,
            cell: (a: ModelAccount) => (
              <span className={classes.rowActions}>
                <Button size="compact-sm" variant="default" leftSection={<IconBolt size={14} />} onClick={() => setOpened({ dialog: "test", account: a })}>
                  {words.test}
                </Button>
                {!a.ofInstance && (
                  <Menu
                    align="end"
                    trigger={(trigger) => (
                      <ActionIcon aria-label={words.menuOf(a.name)} {...trigger}>
                        <IconDots size={16} />
                      </ActionIcon>
                    )}
                  >
                    <MenuItem icon={IconSettings} onSelect={() => setOpened({ dialog: "account", account: a })}>
                      {words.edit}
                    </MenuItem>
                    <MenuItem icon={IconTrash} onSelect={() => void ask(a)}>
                      {words.remove}
                    </MenuItem>
                  </Menu>
                )}
              </span>
            ),
          },
        ]
      : []),
  ];
  return (
    <Card
      flush
      title={words.title}
      description={words.text}
      actions={
        may && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setOpened({ dialog: "account", account: null })}>
            {words.add}
          </Button>
        )
      }
    >
      {accounts.length > 0 && (
        <div className={classes.table}>
          <DataTable label={words.title} columns={columns} rows={accounts} rowId={(a) => a.id} empty={<EmptyState compact icon={IconSparkles} title={mo.models.none.title} />} />
        </div>
      )}
      <AccountDialog opened={opened?.dialog === "account"} onClose={close} account={opened?.account ?? null} catalogue={catalogue} />
      <TestDialog opened={opened?.dialog === "test"} onClose={close} account={opened?.dialog === "test" ? opened.account : null} catalogue={catalogue.models} providers={catalogue.providers} />
    </Card>
  );
}

function LastTest({ account: a }: { account: ModelAccount }) {
  if (!a.testedAt) return <span className={classes.muted}>{words.never}</span>;
  return (
    <span className={classes.tested} title={a.testMessage ?? undefined}>
      <Pill tone={a.testResult === "ok" ? "success" : "danger"}>{a.testResult === "ok" ? words.passed : words.failed}</Pill>
      <RelativeTime short at={a.testedAt} />
    </span>
  );
}
