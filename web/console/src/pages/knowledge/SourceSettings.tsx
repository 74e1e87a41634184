import { Button, NativeSelect, TextInput } from "@mantine/core";
import { Card, confirm, FormButtons, FormMessage, FormStack, toasts, useForm } from "@parley/ui";
import { IconTrash } from "@parley/ui/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import * as api from "@/api/calls";
import { explain, formProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Source } from "@/api/types";
import { t } from "@/strings";
import classes from "./Knowledge.module.css";

const words = t.knowledge.source;

export function SourceSettings({ source }: { source: Source }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({
    initial: { name: source.name, audience: source.audience as string },
    validate: (v) => (v.name.trim() ? {} : { name: t.knowledge.plan.nameMissing }),
    submit: async (v) => {
      const saved = await api.knowledge.updateSource(source.id, { name: v.name.trim(), audience: v.audience });
      client.setQueryData(queries.source(source.id).queryKey, saved);
      void client.invalidateQueries({ queryKey: queries.sources.queryKey });
      toasts.success(words.saved);
    },
    problem: formProblem,
  });
  const changed = form.values.name.trim() !== source.name || form.values.audience !== source.audience;

  const remove = useMutation({
    mutationFn: () => api.knowledge.removeSource(source.id),
    onSuccess: () => {
      toasts.success(words.removed(source.name));
      void client.invalidateQueries({ queryKey: queries.sources.queryKey });
      void navigate({ to: "/knowledge" });
    },
    onError: (e) => toasts.error(explain(e)),
  });
  const ask = async () => {
    const sure = await confirm({ title: words.removeTitle, body: words.removeText(source.documents), confirm: words.remove, danger: true, typed: source.name });
    if (sure) remove.mutate();
  };

  return (
    <div className={`${classes.stack} ${classes.narrow}`}>
      <Card>
        <form {...form.formProps}>
          <FormStack>
            <FormMessage text={form.message} />
            <TextInput {...form.text("name")} label={words.rename} maxLength={200} />
            <NativeSelect
              label={words.audience}
              value={form.values.audience}
              onChange={(e) => form.set("audience", e.currentTarget.value)}
              data={Object.entries(t.knowledge.audience).map(([value, label]) => ({ value, label }))}
            />
            <FormButtons>
              <Button type="submit" loading={form.pending} disabled={!changed}>
                {words.save}
              </Button>
            </FormButtons>
          </FormStack>
        </form>
      </Card>
      <Card
        title={words.danger}
        description={words.dangerText}
        actions={
          <Button color="danger" variant="outline" leftSection={<IconTrash size={16} />} loading={remove.isPending} onClick={() => void ask()}>
            {words.remove}
          </Button>
        }
      >
        {null}
      </Card>
    </div>
  );
}
