import { ActionIcon, Button } from "@mantine/core";
import { confirm, EmptyState, Pill, RelativeTime, toasts, type Column } from "@parley/ui";
import { IconKey, IconPlus, IconTrash } from "@parley/ui/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "@/api/problem";
import type { ApiKey, NewApiKey } from "@/api/types";
import * as ws from "@/api/workspace";
import { lazyDialog } from "@/app/lazyDialog";
import { useCan } from "@/app/session";
import { t } from "@/strings";
import { st } from "@/strings/settings";
import { SecretDialog } from "./SecretDialog.tsx";
import { ListSection, Needs } from "./SettingsPage.tsx";
import classes from "./Settings.module.css";

const KeyDialog = lazyDialog(async () => (await import("./KeyForm.tsx")).KeyDialog);

const words = st.settings.keys;

export function KeysPage() {
  return (
    <Needs permission="api-keys:read">
      <Keys />
    </Needs>
  );
}

function Keys() {
  const may = useCan()("api-keys:write");
  const client = useQueryClient();
  const keys = useQuery(ws.queries.keys);
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<NewApiKey | null>(null);
  // Asked once per view: whether a key has expired needs no clock that ticks.
  const [now] = useState(Date.now);
  const revoke = useMutation({
    mutationFn: (k: ApiKey) => ws.team.revokeKey(k.id),
    onSuccess: () => {
      toasts.success(words.revoked);
      void client.invalidateQueries({ queryKey: ws.queries.keys.queryKey });
    },
    onError: (e) => toasts.error(explain(e)),
  });
  const ask = async (k: ApiKey) => {
    if (await confirm({ title: words.revokeTitle(k.name), body: words.revokeText, confirm: words.revoke, danger: true })) revoke.mutate(k);
  };
  const dead = (k: ApiKey) => k.revokedAt !== null || (k.expiresAt !== null && Date.parse(k.expiresAt) < now);

  const columns: Column<ApiKey>[] = [
    {
      id: "name",
      header: words.columns.name,
      main: true,
      text: (k) => k.name,
      sort: (k) => k.name.toLocaleLowerCase(),
      cell: (k) => (
        <div>
          <span className={classes.personName}>{k.name}</span> {k.revokedAt ? <Pill tone="danger">{words.revokedPill}</Pill> : dead(k) && <Pill tone="warning">{words.expiredPill}</Pill>}
          <div className={classes.mono}>{`${k.prefix}…`}</div>
        </div>
      ),
    },
    {
      id: "scopes",
      header: words.columns.scopes,
      text: (k) => k.scopes.join(" "),
      cell: (k) => <span title={k.scopes.join(", ")}>{words.scopeCount(k.scopes.length)}</span>,
    },
    { id: "used", header: words.columns.used, labelled: true, text: (k) => k.lastUsedAt, sort: (k) => k.lastUsedAt ?? "", cell: (k) => (k.lastUsedAt ? <RelativeTime short at={k.lastUsedAt} /> : t.never) },
    { id: "expires", header: words.columns.expires, desktopOnly: true, text: (k) => k.expiresAt, cell: (k) => (k.expiresAt ? <RelativeTime short at={k.expiresAt} /> : t.never) },
    { id: "created", header: words.columns.created, desktopOnly: true, align: "end", sort: (k) => k.createdAt, cell: (k) => <RelativeTime short at={k.createdAt} /> },
    ...(may
      ? [
          {
            id: "actions",
            header: t.actions,
            quiet: true,
            align: "end" as const,
            width: "3rem",
            corner: true,
            cell: (k: ApiKey) =>
              k.revokedAt === null && (
                <ActionIcon aria-label={words.revokeTitle(k.name)} title={words.revoke} onClick={() => void ask(k)}>
                  <IconTrash size={16} />
                </ActionIcon>
              ),
          },
        ]
      : []),
  ];
  const create = may && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
      {words.create}
    </Button>
  );

  return (
    <>
      <ListSection
        description={words.description}
        action={create}
        query={keys}
        label={st.settings.sections.keys}
        columns={columns}
        rows={keys.data?.items}
        rowId={(k) => k.id}
        initialSort={{ id: "created", desc: true }}
        empty={
          <EmptyState icon={IconKey} title={words.empty}>
            {words.emptyText}
          </EmptyState>
        }
      />
      <KeyDialog opened={creating} onClose={() => setCreating(false)} onMade={setMade} />
      <SecretDialog secret={made && { title: words.onceTitle, text: words.onceText, value: made.key }} onDone={() => setMade(null)} />
    </>
  );
}
