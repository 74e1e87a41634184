import { Button, NativeSelect, TextInput } from "@mantine/core";
import { Dialog, FormButtons, FormMessage, FormStack, useForm } from "@parley/ui";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import * as api from "@/api/calls";
import { formProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import { t } from "@/strings";
import { wd } from "@/strings/widgets";

const words = wd.widget;
type Props = { opened: boolean; onClose: () => void; onMade: (id: string) => void };

/** Another widget, for another site or another assistant. */
export function AddWidget({ opened, onClose, onMade }: Props) {
  return (
    <Dialog opened={opened} onClose={onClose} title={words.addTitle}>
      <AddForm onClose={onClose} onMade={onMade} />
    </Dialog>
  );
}

function AddForm({ onClose, onMade }: Omit<Props, "opened">) {
  const client = useQueryClient();
  const assistants = useQuery({ queryKey: ["assistants"], queryFn: ({ signal }) => api.assistant.list({ signal }), staleTime: 300_000 });
  const form = useForm({
    initial: { name: "", assistantId: "" },
    validate: (v) => ({ ...(!v.name.trim() && { name: words.nameMissing }) }),
    submit: async (v) => {
      const made = await api.widgets.add({ name: v.name.trim(), ...(v.assistantId && { assistantId: v.assistantId }) });
      await client.invalidateQueries({ queryKey: queries.widgets.queryKey });
      onMade(made.id);
    },
    problem: formProblem,
  });
  const items = assistants.data?.items ?? [];
  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={form.message} />
        <TextInput {...form.text("name")} label={words.name} description={words.nameHint} maxLength={100} autoFocus autoComplete="off" />
        {items.length > 1 && (
          <NativeSelect
            label={words.assistant}
            value={form.values.assistantId}
            error={form.errors.assistantId}
            onChange={(e) => form.set("assistantId", e.currentTarget.value)}
            data={items.map((a) => ({ value: a.isDefault ? "" : a.id, label: a.name }))}
          />
        )}
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button type="submit" loading={form.pending}>
            {words.add}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
