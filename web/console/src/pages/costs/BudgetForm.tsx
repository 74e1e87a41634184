import { Button, Checkbox, TextInput } from "@mantine/core";
import { Card, FormButtons, FormFields, FormMessage, FormPair, Hint, toasts, useForm } from "@parley/ui";
import { useQueryClient } from "@tanstack/react-query";
import { costQueries, costs, type Budget } from "@/api/costs";
import { nestedProblem } from "@/api/problem";
import { useCan } from "@/app/session";
import { amount, isWhole } from "@/pages/assistant/numbers";
import { mt } from "@/strings/costs";

const words = mt.costs;
const limits = ["month", "day", "conversation", "endUser", "anonymous"] as const;
const most = 1_000_000;
const mostRate = 1_000_000;
const rates = ["requestsPerMinute", "tokensPerMinute"] as const;

const isLimit = (text: string) => {
  const n = amount(text);
  return n === null || (n >= 0 && n <= most);
};

/** The limits as they are in force, to be changed. */
export function BudgetForm({ budget: { version, settings } }: { budget: Budget }) {
  const may = useCan()("costs:write");
  const client = useQueryClient();
  const form = useForm({
    initial: {
      ...(Object.fromEntries(limits.map((name) => [name, settings[name] === null ? "" : String(settings[name])])) as Record<(typeof limits)[number], string>),
      ...(Object.fromEntries(rates.map((name) => [name, String(settings[name] ?? "")])) as Record<(typeof rates)[number], string>),
      unusual: String(settings.unusual),
      hardCap: settings.hardCap,
    },
    validate: (v) => ({
      ...Object.fromEntries(limits.filter((name) => !isLimit(v[name])).map((name) => [name, words.bad])),
      ...Object.fromEntries(rates.filter((name) => v[name].trim() !== "" && !isWhole(v[name], 1, mostRate)).map((name) => [name, words.badRate])),
      ...((amount(v.unusual) === null || !isLimit(v.unusual)) && { unusual: words.badNumber }),
    }),
    submit: async (v) => {
      const saved = await costs.save(
        {
          ...(Object.fromEntries(limits.map((name) => [name, amount(v[name])])) as Record<(typeof limits)[number], number | null>),
          ...(Object.fromEntries(rates.map((name) => [name, amount(v[name])])) as Record<(typeof rates)[number], number | null>),
          hardCap: v.hardCap,
          unusual: amount(v.unusual) ?? 0,
        },
        version,
      );
      client.setQueryData(costQueries.budget.queryKey, saved);
      void client.invalidateQueries({ queryKey: costQueries.versions.queryKey });
      toasts.success(words.saved2);
    },
    problem: nestedProblem,
  });
  const field = (name: (typeof limits)[number] | "unusual") => (
    <TextInput {...form.text(name)} label={words.fields[name]} description={words.hints[name]} leftSection="$" inputMode="decimal" autoComplete="off" maxLength={14} />
  );
  return (
    <form {...form.formProps}>
      <Card title={words.limits} description={words.limitsText}>
        <FormFields disabled={!may}>
          {!may && <Hint>{words.readOnly}</Hint>}
          <FormMessage text={form.message} />
          <FormPair>
            {field("month")}
            {field("day")}
          </FormPair>
          <Checkbox label={words.fields.hardCap} description={words.hints.hardCap} checked={form.values.hardCap} onChange={(e) => form.set("hardCap", e.currentTarget.checked)} />
          <FormPair>
            {field("conversation")}
            {field("endUser")}
          </FormPair>
          <FormPair>
            {field("anonymous")}
            {field("unusual")}
          </FormPair>
          <FormPair>
            {rates.map((name) => (
              <TextInput key={name} {...form.text(name)} label={words.fields[name]} description={words.hints[name]} inputMode="numeric" autoComplete="off" maxLength={10} />
            ))}
          </FormPair>
          {may && (
            <FormButtons>
              <Button type="submit" loading={form.pending}>
                {words.save}
              </Button>
            </FormButtons>
          )}
        </FormFields>
      </Card>
    </form>
  );
}
