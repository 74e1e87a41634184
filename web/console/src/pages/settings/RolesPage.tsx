import { ActionIcon, Button, Switch } from "@mantine/core";
import { confirm, EmptyState, Menu, MenuItem, Pill, toasts, type Column } from "@parley/ui";
import { IconDots, IconNote, IconPlus, IconTrash, IconUsers } from "@parley/ui/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Role } from "@/api/types";
import * as ws from "@/api/workspace";
import { lazyDialog } from "@/app/lazyDialog";
import { useCan, useSession } from "@/app/session";
import { t } from "@/strings";
import { st } from "@/strings/settings";
import { ListSection, Needs } from "./SettingsPage.tsx";
import classes from "./Settings.module.css";

const RoleDialog = lazyDialog(async () => (await import("./RoleForm.tsx")).RoleDialog);
const words = st.settings.roles;

export function RolesPage() {
  return (
    <Needs permission="members:read">
      <Roles />
    </Needs>
  );
}

function Roles() {
  const { permissions } = useSession();
  const may = useCan()("members:write");
  const client = useQueryClient();
  const roles = useQuery(ws.queries.roles);
  const [edited, setEdited] = useState<Role | "new" | null>(null);
  const again = () => void client.invalidateQueries({ queryKey: ws.queries.roles.queryKey });
  const remove = useMutation({
    mutationFn: (r: Role) => ws.team.removeRole(r.key),
    onSuccess: (_, r) => toasts.success(words.removed(r.name)),
    onError: (e) => toasts.error(explain(e)),
    onSettled: again,
  });
  const require = useMutation({
    mutationFn: (v: { role: Role; on: boolean }) => ws.team.changeRole(v.role.key, { requiresSecondFactor: v.on }),
    onSuccess: (_, v) => toasts.success(v.on ? words.factorOn(v.role.name) : words.factorOff(v.role.name)),
    onError: (e) => toasts.error(explain(e)),
    onSettled: () => {
      again();
      void client.invalidateQueries({ queryKey: queries.session.queryKey });
    },
  });
  const ask = async (r: Role) => {
    if (await confirm({ title: words.removeTitle(r.name), body: words.removeText, confirm: words.remove, danger: true })) remove.mutate(r);
  };
  const setRequired = async (role: Role, on: boolean) => {
    if (!on || (await confirm({ title: words.factorTitle(role.name), body: words.factorText, confirm: words.factorConfirm }))) require.mutate({ role, on });
  };
  // Who holds less than a role can neither widen nor narrow it.
  const mine = (r: Role) => may && r.permissions.every((p) => permissions.includes(p));

  const columns: Column<Role>[] = [
    {
      id: "name",
      header: words.columns.name,
      main: true,
      text: (r) => r.name,
      cell: (r) => (
        <>
          <span className={classes.personName}>{r.name}</span> {r.builtIn && <Pill>{words.builtIn}</Pill>}
        </>
      ),
    },
    { id: "may", header: words.columns.may, labelled: true, text: (r) => r.permissions.join(" "), cell: (r) => (r.key === "owner" ? words.all : st.settings.keys.scopeCount(r.permissions.length)) },
    { id: "members", header: words.columns.members, text: (r) => r.members, cell: (r) => words.memberCount(r.members) },
    {
      id: "factor",
      header: words.columns.factor,
      labelled: true,
      text: (r) => r.requiresSecondFactor,
      cell: (r) => (
        <Switch
          size="sm"
          aria-label={words.factorOf(r.name)}
          checked={r.requiresSecondFactor}
          disabled={!mine(r) || (require.isPending && require.variables.role.key === r.key)}
          onChange={(e) => void setRequired(r, e.currentTarget.checked)}
        />
      ),
    },
    ...(may
      ? [
          {
            id: "actions",
            header: t.actions,
            quiet: true,
            align: "end" as const,
            width: "3rem",
            corner: true,
            cell: (r: Role) =>
              !r.builtIn &&
              mine(r) && (
                <Menu
                  align="end"
                  trigger={(trigger) => (
                    <ActionIcon aria-label={words.actions(r.name)} {...trigger}>
                      <IconDots size={16} />
                    </ActionIcon>
                  )}
                >
                  <MenuItem icon={IconNote} onSelect={() => setEdited(r)}>
                    {words.edit}
                  </MenuItem>
                  <MenuItem icon={IconTrash} onSelect={() => void ask(r)}>
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
            <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited("new")}>
              {words.add}
            </Button>
          )
        }
        query={roles}
        label={st.settings.sections.roles}
        columns={columns}
        rows={roles.data?.items}
        rowId={(r) => r.key}
        empty={
          <EmptyState icon={IconUsers} title={words.empty}>
            {words.emptyText}
          </EmptyState>
        }
      />
      <RoleDialog key={edited === null || edited === "new" ? "new" : edited.key} opened={edited !== null} role={edited === "new" ? null : edited} onClose={() => setEdited(null)} />
    </>
  );
}
