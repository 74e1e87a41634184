import { Button } from "@mantine/core";
import { DataTable, RelativeTime, toasts, type Column } from "@parley/ui";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { explain } from "@/api/problem";
import type { Invitation, Role } from "@/api/types";
import * as ws from "@/api/workspace";
import { t } from "@/strings";
import { st } from "@/strings/settings";
import { roleName } from "./roleName.ts";
import classes from "./Settings.module.css";

const words = st.settings.members;

/** Invitations that nobody has taken yet; nothing at all when there is none. */
export function Invitations({ roles }: { roles: readonly Role[] }) {
  const client = useQueryClient();
  const { data } = useQuery(ws.queries.invitations);
  const withdraw = useMutation({
    mutationFn: (i: Invitation) => ws.team.withdraw(i.id),
    onSuccess: () => {
      toasts.success(words.withdrawn);
      void client.invalidateQueries({ queryKey: ws.queries.invitations.queryKey });
    },
    onError: (e) => toasts.error(explain(e)),
  });
  if (!data || data.items.length === 0) return null;
  const columns: Column<Invitation>[] = [
    { id: "email", header: words.columns.email, main: true, cell: (i) => i.email },
    { id: "role", header: words.columns.role, cell: (i) => roleName(roles, i.role) },
    { id: "expires", header: words.inviteExpires, labelled: true, cell: (i) => <RelativeTime short at={i.expiresAt} /> },
    {
      id: "actions",
      header: t.actions,
      quiet: true,
      align: "end",
      cell: (i) => (
        <Button size="compact-sm" variant="subtle" loading={withdraw.isPending && withdraw.variables.id === i.id} onClick={() => withdraw.mutate(i)}>
          {words.withdraw}
        </Button>
      ),
    },
  ];
  return (
    <section className={classes.below}>
      <h2 className={classes.heading}>{words.invitations}</h2>
      <DataTable label={words.invitations} columns={columns} rows={data.items} rowId={(i) => i.id} empty={null} />
    </section>
  );
}
