import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { Dialog, ErrorState, FormButtons, FormMessage, FormStack, ListSkeleton, useForm } from "@parley/ui";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import * as api from "@/api/calls";
import { explain, formProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { NewApiKey } from "@/api/types";
import { label } from "@/lib/labels";
import { t } from "@/strings";
import { st } from "@/strings/settings";
import classes from "./Settings.module.css";

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
  const permissions = useQuery(queries.permissions);
  const form = useForm({
    initial: { name: "", scopes: [] as string[], expiry: "never" },
    validate: (v) => ({ ...(!v.name.trim() && { name: words.nameMissing }), ...(v.scopes.length === 0 && { scopes: words.scopesMissing }) }),
    submit: async (v) => {
      const days = Number(v.expiry);
      const expiresAt = Number.isNaN(days) ? undefined : new Date(Date.now() + days * 86_400_000).toISOString();
      const made = await api.team.createKey({ name: v.name.trim(), scopes: v.scopes, ...(expiresAt && { expiresAt }) });
      void client.invalidateQueries({ queryKey: queries.keys.queryKey });
      onMade(made);
    },
    problem: formProblem,
  });
  if (permissions.isPending) return <ListSkeleton rows={4} />;
  if (permissions.isError) return <ErrorState compact detail={explain(permissions.error)} onRetry={() => void permissions.refetch()} />;

  const areas = Map.groupBy(
    permissions.data.items.map((p) => p.key),
    (key) => key.split(":")[0] ?? key,
  );
  const toggle = (key: string, on: boolean) => form.set("scopes", on ? [...form.values.scopes, key] : form.values.scopes.filter((s) => s !== key));
  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={form.message} />
        <TextInput {...form.text("name")} label={words.name} description={words.nameHint} maxLength={100} autoFocus />
        <fieldset className={classes.scopes}>
          <legend>{words.scopes}</legend>
          <div className={classes.scopeGrid}>
            {[...areas].map(([area, keys]) => (
              <div key={area} className={classes.scopeRow}>
                <span>{label(words.areas, area)}</span>
                {["read", "write"].map((action) => {
                  const key = `${area}:${action}`;
                  if (!keys.includes(key)) return <span key={action} />;
                  const name = label(words.actionsOf, action);
                  return (
                    <Checkbox
                      key={action}
                      size="xs"
                      label={name}
                      aria-label={`${label(words.areas, area)}: ${name}`}
                      checked={form.values.scopes.includes(key)}
                      onChange={(e) => toggle(key, e.currentTarget.checked)}
                    />
                  );
                })}
              </div>
            ))}
          </div>
          {form.errors.scopes && (
            <div className={classes.fieldError} role="alert">
              {form.errors.scopes}
            </div>
          )}
        </fieldset>
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
