import { Button, NativeSelect, TextInput } from "@mantine/core";
import { Card, FormButtons, FormMessage, FormStack, toasts, useForm } from "@parley/ui";
import { IconTrash } from "@parley/ui/icons";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import * as api from "@/api/calls";
import { formProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Source } from "@/api/types";
import { useCan } from "@/app/session";
import { kt } from "@/strings/knowledge";
import classes from "./Knowledge.module.css";
import { CanaryCard } from "./CanaryCard.tsx";
import { useCanaries } from "./useCanary.ts";
import { useSourceActions } from "./useSourceActions.ts";
import { WebsiteSettings } from "./WebsiteSettings.tsx";

const words = kt.knowledge.source;

export function SourceSettings({ source }: { source: Source }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const canary = useCanaries().get(source.id);
  const mayCanary = useCan()("quality:write");
  const form = useForm({
    initial: { name: source.name, audience: source.audience as string, language: source.language ?? "" },
    validate: (v) => (v.name.trim() ? {} : { name: kt.knowledge.plan.nameMissing }),
    submit: async (v) => {
      const saved = await api.knowledge.updateSource(source.id, { name: v.name.trim(), audience: v.audience, language: v.language.trim() });
      client.setQueryData(queries.source(source.id).queryKey, saved);
      void client.invalidateQueries({ queryKey: queries.sources.queryKey });
      toasts.success(words.saved);
    },
    problem: formProblem,
  });
  const changed = form.values.name.trim() !== source.name || form.values.audience !== source.audience || form.values.language.trim() !== (source.language ?? "");

  const act = useSourceActions(source, () => void navigate({ to: "/knowledge" }));

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
              data={Object.entries(kt.knowledge.audience).map(([value, label]) => ({ value, label }))}
            />
            <TextInput {...form.text("language")} label={words.language} description={words.languageHint} maxLength={35} autoComplete="off" dir="ltr" />
            <FormButtons>
              <Button type="submit" loading={form.pending} disabled={!changed}>
                {words.save}
              </Button>
            </FormButtons>
          </FormStack>
        </form>
      </Card>
      {mayCanary && <CanaryCard key={canary?.question ?? ""} sourceId={source.id} canary={canary} />}
      {source.kind === "website" && <WebsiteSettings key={source.id} source={source} />}
      {source.kind !== "articles" && (
        <Card
          title={words.danger}
          description={words.dangerText}
          actions={
            <Button color="danger" variant="outline" leftSection={<IconTrash size={16} />} loading={act.removing} onClick={() => void act.remove()}>
              {words.remove}
            </Button>
          }
        />
      )}
    </div>
  );
}
