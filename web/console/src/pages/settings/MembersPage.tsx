import { ActionIcon, Button, NativeSelect } from "@mantine/core";
import { confirm, EmptyState, Menu, MenuItem, PersonAvatar, Pill, RelativeTime, toasts, type Column } from "@parley/ui";
import { IconDots, IconKey, IconLink, IconPlus, IconShieldLock, IconTrash, IconUsers } from "@parley/ui/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Member, Page } from "@/api/types";
import * as ws from "@/api/workspace";
import { passwordLink } from "@/app/invitation";
import { lazyDialog } from "@/app/lazyDialog";
import { useCan, useSession } from "@/app/session";
import { t } from "@/strings";
import { st } from "@/strings/settings";
import { Invitations } from "./Invitations.tsx";
import { SecretDialog, type Secret } from "./SecretDialog.tsx";
import { roleName } from "./roleName.ts";
import { ListSection, Needs } from "./SettingsPage.tsx";
import classes from "./Settings.module.css";

const AddMember = lazyDialog(async () => (await import("./AddMember.tsx")).AddMember);

const words = st.settings.members;

export function MembersPage() {
  return (
    <Needs permission="members:read">
      <Members />
    </Needs>
  );
}

function Members() {
  const { user } = useSession();
  const may = useCan()("members:write");
  const client = useQueryClient();
  const members = useQuery(queries.members);
  const roles = useQuery(ws.queries.roles).data?.items ?? [];
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<Secret | null>(null);

  const setRole = useMutation({
    mutationFn: (v: { member: Member; role: string }) => ws.team.setRole(v.member.userId, v.role),
    // Shown at once; taken back if the server refuses.
    onMutate: (v) => {
      const before = client.getQueryData(queries.members.queryKey);
      client.setQueryData<Page<Member>>(queries.members.queryKey, (old) => old && { ...old, items: old.items.map((m) => (m.userId === v.member.userId ? { ...m, role: v.role } : m)) });
      return before;
    },
    onSuccess: (_, v) => toasts.success(words.roleChanged(v.member.name, roleName(roles, v.role))),
    onError: (e, _, before) => {
      client.setQueryData(queries.members.queryKey, before);
      toasts.error(explain(e));
    },
  });
  const remove = useMutation({
    mutationFn: (m: Member) => ws.team.remove(m.userId),
    onSuccess: (_, m) => {
      toasts.success(words.removed(m.name));
      void client.invalidateQueries({ queryKey: queries.members.queryKey });
    },
    onError: (e) => toasts.error(explain(e)),
  });
  const reset = useMutation({
    mutationFn: (m: Member) => ws.team.resetPassword(m.userId),
    onSuccess: (made, m) => setSecret({ title: words.passwordTitle, text: words.passwordText(m.name), value: made.temporaryPassword }),
    onError: (e) => toasts.error(explain(e)),
  });
  const link = useMutation({
    mutationFn: (m: Member) => ws.team.passwordLink(m.userId),
    onSuccess: (made, m) => setSecret({ title: words.linkTitle, text: words.linkText(m.name), value: passwordLink(made.code) }),
    onError: (e) => toasts.error(explain(e)),
  });
  const resetFactor = useMutation({
    mutationFn: (m: Member) => ws.team.resetSecondFactor(m.userId),
    onSuccess: (_, m) => {
      toasts.success(words.factorReset(m.name));
      void client.invalidateQueries({ queryKey: queries.members.queryKey });
    },
    onError: (e) => toasts.error(explain(e)),
  });
  const askResetFactor = async (m: Member) => {
    if (await confirm({ title: words.resetFactorTitle(m.name), body: words.resetFactorText, confirm: words.resetFactor, danger: true })) resetFactor.mutate(m);
  };
  const askReset = async (m: Member) => {
    if (await confirm({ title: words.resetTitle(m.name), body: words.resetText, confirm: words.reset, danger: true })) reset.mutate(m);
  };
  const ask = async (m: Member) => {
    if (await confirm({ title: words.removeTitle(m.name), body: words.removeText, confirm: words.remove, danger: true })) remove.mutate(m);
  };

  const columns: Column<Member>[] = [
    {
      id: "name",
      header: words.columns.name,
      main: true,
      text: (m) => m.name,
      below: { header: words.columns.email, text: (m) => m.email },
      sort: (m) => m.name.toLocaleLowerCase(),
      cell: (m) => (
        <div className={classes.person}>
          <PersonAvatar name={m.name} kind="agent" size={32} />
          <div>
            <div className={classes.personName}>
              {m.name} {m.userId === user.id && <Pill>{words.you}</Pill>} {m.disabled && <Pill tone="warning">{words.disabled}</Pill>} {m.secondFactor && <Pill>{words.hasFactor}</Pill>}
            </div>
            <div className={classes.sub}>{m.email}</div>
          </div>
        </div>
      ),
    },
    {
      id: "role",
      header: words.columns.role,
      text: (m) => roleName(roles, m.role),
      sort: (m) => m.role,
      cell: (m) =>
        may && m.userId !== user.id ? (
          <NativeSelect
            size="xs"
            aria-label={words.roleOf(m.name)}
            value={m.role}
            onChange={(e) => setRole.mutate({ member: m, role: e.currentTarget.value })}
            data={roles.map((r) => ({ value: r.key, label: r.name }))}
          />
        ) : (
          roleName(roles, m.role)
        ),
    },
    { id: "since", header: words.columns.since, align: "end", sort: (m) => m.createdAt, cell: (m) => <RelativeTime short at={m.createdAt} /> },
    ...(may
      ? [
          {
            id: "actions",
            header: t.actions,
            quiet: true,
            align: "end" as const,
            width: "3rem",
            corner: true,
            cell: (m: Member) =>
              m.userId !== user.id && (
                <Menu
                  align="end"
                  trigger={(trigger) => (
                    <ActionIcon aria-label={words.actions(m.name)} {...trigger}>
                      <IconDots size={16} />
                    </ActionIcon>
                  )}
                >
                  <MenuItem icon={IconLink} onSelect={() => link.mutate(m)}>
                    {words.link}
                  </MenuItem>
                  {m.secondFactor && (
                    <MenuItem icon={IconShieldLock} onSelect={() => void askResetFactor(m)}>
                      {words.resetFactor}
                    </MenuItem>
                  )}
                  <MenuItem icon={IconKey} onSelect={() => void askReset(m)}>
                    {words.reset}
                  </MenuItem>
                  <MenuItem icon={IconTrash} onSelect={() => void ask(m)}>
                    {words.remove}
                  </MenuItem>
                </Menu>
              ),
          },
        ]
      : []),
  ];

  return (
    <>
      <ListSection
        description={words.description}
        action={
          may && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
              {words.add}
            </Button>
          )
        }
        query={members}
        label={st.settings.sections.members}
        columns={columns}
        rows={members.data?.items}
        rowId={(m) => m.userId}
        initialSort={{ id: "name", desc: false }}
        empty={
          <EmptyState icon={IconUsers} title={words.empty}>
            {words.emptyText}
          </EmptyState>
        }
      />
      {may && <Invitations roles={roles} />}
      <SecretDialog secret={secret} onDone={() => setSecret(null)} />
      <AddMember opened={adding} roles={roles} onClose={() => setAdding(false)} />
    </>
  );
}
