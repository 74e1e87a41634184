import { Button, Checkbox, TextInput } from "@mantine/core";
import { Dialog, ErrorState, FormButtons, FormMessage, FormStack, ListSkeleton, toasts, useForm } from "@parley/ui";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { explain, formProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Role } from "@/api/types";
import * as ws from "@/api/workspace";
import { useSession } from "@/app/session";
import { t } from "@/strings";
import { st } from "@/strings/settings";
import { Permissions } from "./Permissions.tsx";

const words = st.settings.roles;

export function RoleDialog({ opened, role, onClose }: { opened: boolean; role: Role | null; onClose: () => void }) {
  return (
    <Dialog opened={opened} onClose={onClose} title={role ? words.editTitle(role.name) : words.addTitle} size="lg">
      <RoleForm role={role} onClose={onClose} />
    </Dialog>
  );
}

function RoleForm({ role, onClose }: { role: Role | null; onClose: () => void }) {
  const client = useQueryClient();
  const session = useSession();
  const permissions = useQuery(ws.queries.permissions);
  const form = useForm({
    initial: { name: role?.name ?? "", permissions: (role?.permissions ?? []) as readonly string[], factor: role?.requiresSecondFactor ?? false },
    validate: (v) => ({ ...(!v.name.trim() && { name: words.nameMissing }), ...(v.permissions.length === 0 && { permissions: words.permissionsMissing }) }),
    submit: async (v) => {
      const body = { name: v.name.trim(), permissions: [...v.permissions], requiresSecondFactor: v.factor };
      await (role ? ws.team.changeRole(role.key, body) : ws.team.createRole(body));
      void client.invalidateQueries({ queryKey: ws.queries.roles.queryKey });
      void client.invalidateQueries({ queryKey: queries.session.queryKey });
      toasts.success(role ? words.saved(body.name) : words.added(body.name));
      onClose();
    },
    problem: formProblem,
  });
  if (permissions.isPending) return <ListSkeleton rows={4} />;
  if (permissions.isError) return <ErrorState compact detail={explain(permissions.error)} onRetry={() => void permissions.refetch()} />;
  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={form.message} />
        <TextInput {...form.text("name")} label={words.name} description={words.nameHint} maxLength={100} data-autofocus />
        <Permissions
          legend={words.permissions}
          all={permissions.data.items.map((p) => p.key)}
          held={session.permissions}
          chosen={form.values.permissions}
          error={form.errors.permissions}
          onChange={(chosen) => form.set("permissions", chosen)}
        />
        <Checkbox label={words.factor} checked={form.values.factor} onChange={(e) => form.set("factor", e.currentTarget.checked)} />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button type="submit" loading={form.pending}>
            {role ? words.save : words.create}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
