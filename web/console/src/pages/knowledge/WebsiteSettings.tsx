import { Button, NativeSelect } from "@mantine/core";
import { Card, FormButtons, FormMessage, FormStack, toasts, useForm } from "@parley/ui";
import { useQueryClient } from "@tanstack/react-query";
import { formProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Source } from "@/api/types";
import * as kb from "@/api/knowledge";
import { kt } from "@/strings/knowledge";
import { checkRules, RulesFields, rulesOf, settingsOf } from "./WebsiteFields.tsx";

const words = kt.knowledge.website;

/** Which pages belong to a website, and how often they are read. Takes effect with the next run. */
export function WebsiteSettings({ source: s }: { source: Source }) {
  const client = useQueryClient();
  const hours = String(s.freshness.scheduleHours ?? 0);
  const form = useForm({
    initial: { ...rulesOf(s.website), schedule: hours },
    validate: checkRules,
    submit: async (v) => {
      const saved = await kb.websites.change(s.id, { ...settingsOf(v), scheduleHours: Number(v.schedule) });
      client.setQueryData(queries.source(s.id).queryKey, saved);
      void client.invalidateQueries({ queryKey: queries.sources.queryKey });
      toasts.success(kt.knowledge.source.saved);
    },
    problem: formProblem,
  });
  const choices = kt.knowledge.schedule.choices;
  const schedules = hours in choices ? choices : { ...choices, [hours]: kt.knowledge.schedule.every(Number(hours)) };
  return (
    <Card title={words.start} description={s.website?.start}>
      <form {...form.formProps}>
        <FormStack>
          <FormMessage text={form.message} />
          <RulesFields form={form} open />
          <NativeSelect
            label={kt.knowledge.schedule.label}
            value={form.values.schedule}
            onChange={(e) => form.set("schedule", e.currentTarget.value)}
            data={Object.entries(schedules).map(([value, label]) => ({ value, label }))}
          />
          <FormButtons>
            <Button type="submit" loading={form.pending}>
              {words.save}
            </Button>
          </FormButtons>
        </FormStack>
      </form>
    </Card>
  );
}
