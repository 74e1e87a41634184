import { Button, NativeSelect, TextInput } from "@mantine/core";
import { Dialog, ErrorState, FormButtons, FormMessage, FormStack, ListSkeleton, useForm } from "@parley/ui";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { explain, formProblem } from "@/api/problem";
import type { NewApiKey } from "@/api/types";
import * as ws from "@/api/workspace";
import { useSession } from "@/app/session";
import { t } from "@/strings";
import { st } from "@/strings/settings";
import { Permissions } from "./Permissions.tsx";

const words = st.settings.keys;

export function KeyDialog({ opened, onClose, onMade }: { opened: boolean; onClose: () => void; onMade: (key: NewApiKey) => void }) {
  const made = (key: NewApiKey) => {
    onClose();
    onMade(key);
  };
  return (
    <Dialog opened={opened} onClose={onClose} title={words.createTitle} size="lg">
      <KeyForm onCancel={onClose} onMade={made} />
    </Dialog>
  );
}

function KeyForm({ onCancel, onMade }: { onCancel: () => void; onMade: (key: NewApiKey) => void }) {
  const client = useQueryClient();
  const session = useSession();
  const permissions = useQuery(ws.queries.permissions);
  const form = useForm({
    initial: { name: "", scopes: [] as string[], expiry: "never" },
    validate: (v) => ({ ...(!v.name.trim() && { name: words.nameMissing }), ...(v.scopes.length === 0 && { scopes: words.scopesMissing }) }),
    submit: async (v) => {
      const days = Number(v.expiry);
      const expiresAt = Number.isNaN(days) ? undefined : new Date(Date.now() + days * 86_400_000).toISOString();
      const made = await ws.team.createKey({ name: v.name.trim(), scopes: v.scopes, ...(expiresAt && { expiresAt }) });
      void client.invalidateQueries({ queryKey: ws.queries.keys.queryKey });
      onMade(made);
    },
    problem: formProblem,
  });
  if (permissions.isPending) return <ListSkeleton rows={4} />;
  if (permissions.isError) return <ErrorState compact detail={explain(permissions.error)} onRetry={() => void permissions.refetch()} />;

  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={form.message} />
        <TextInput {...form.text("name")} label={words.name} description={words.nameHint} maxLength={100} autoFocus />
        <Permissions
          legend={words.scopes}
          all={permissions.data.items.map((p) => p.key)}
          held={session.permissions}
          chosen={form.values.scopes}
          error={form.errors.scopes}
          onChange={(scopes) => form.set("scopes", scopes)}
        />
        <NativeSelect
          label={words.expiry}
          value={form.values.expiry}
          onChange={(e) => form.set("expiry", e.currentTarget.value)}
          data={["never", "30", "90", "365"].map((value) => ({ value, label: words.expiries[value] ?? value }))}
        />
        <FormButtons>
          <Button variant="default" onClick={onCancel}>
            {t.cancel}
          </Button>
          <Button type="submit" loading={form.pending}>
            {words.submit}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
