import { Checkbox, TextInput } from "@mantine/core";
import { Card, FormPair, FormStack, toasts, useForm } from "@parley/ui";
import { useQueryClient } from "@tanstack/react-query";
import { nestedProblem } from "@/api/problem";
import type { EscalationRules } from "@/api/types";
import * as ws from "@/api/workspace";
import { at } from "@/strings/assistant";
import classes from "./AssistantSettings.module.css";
import { amount, isAmount, isWhole } from "./numbers.ts";
import { SettingsForm } from "./SettingsForm.tsx";
import { TopicsField } from "./TopicsField.tsx";
import { isWords } from "./topicWords.ts";

const words = at.assistant.rules;

/** The whole numbers of the rules, with the bounds that the server holds them to. */
const bounds = {
  frustratedAttempts: [0, 20],
  failedAttempts: [1, 20],
  complexMinutes: [1, 1440],
  longMinutes: [1, 1440],
  longAttempts: [1, 20],
  remindMinutes: [1, 240],
  reassureMinutes: [1, 240],
  offerMinutes: [1, 60],
  expireMinutes: [5, 2880],
} satisfies Record<string, [from: number, to: number]>;
type Whole = keyof typeof bounds;
const wholes = Object.keys(bounds) as Whole[];
const maxSilence = 1440;

function unit(name: string) {
  const text = name.endsWith("Minutes") ? words.minutes : name.endsWith("Attempts") ? words.answers : undefined;
  return text ? { rightSection: <span className={classes.unit}>{text}</span>, rightSectionWidth: "5rem" } : {};
}

export function RulesForm({ rules: r }: { rules: EscalationRules }) {
  const client = useQueryClient();
  const numbers = Object.fromEntries(wholes.map((name) => [name, String(r[name])])) as Record<Whole, string>;
  const form = useForm({
    initial: { ...numbers, automatic: r.automatic, disputeAmount: String(r.disputeAmount ?? ""), agentSilenceMinutes: String(r.agentSilenceMinutes ?? ""), topics: r.topics },
    validate: (v) => ({
      ...Object.fromEntries(wholes.filter((name) => !isWhole(v[name], ...bounds[name])).map((name) => [name, at.assistant.number(...bounds[name])])),
      ...(!isAmount(v.disputeAmount) && { disputeAmount: words.disputeBad }),
      ...(v.agentSilenceMinutes.trim() !== "" && !isWhole(v.agentSilenceMinutes, 1, maxSilence) && { agentSilenceMinutes: at.assistant.number(1, maxSilence) }),
      ...(!Object.values(v.topics).every((x) => isWords(x.words)) && { topics: words.wordsBad }),
    }),
    submit: async (v) => {
      const rules = {
        ...r,
        ...(Object.fromEntries(wholes.map((name) => [name, Number(v[name])])) as Record<Whole, number>),
        automatic: v.automatic,
        disputeAmount: amount(v.disputeAmount),
        agentSilenceMinutes: amount(v.agentSilenceMinutes),
        topics: v.topics,
      };
      const saved = await ws.escalations.save({ rules });
      client.setQueryData(ws.queries.escalations.queryKey, saved);
      toasts.success(at.assistant.saved);
    },
    problem: nestedProblem,
  });
  const field = (name: Whole | "disputeAmount" | "agentSilenceMinutes", hint?: string) => (
    <TextInput {...form.text(name)} label={words[name]} description={hint} inputMode="numeric" autoComplete="off" maxLength={12} {...unit(name)} />
  );
  return (
    <SettingsForm form={form}>
      <Card title={words.title} description={words.text}>
        <FormStack>
          <Checkbox label={words.automatic} description={words.automaticText} checked={form.values.automatic} onChange={(e) => form.set("automatic", e.currentTarget.checked)} />
          {form.values.automatic && (
            <FormPair>
              {field("frustratedAttempts")}
              {field("failedAttempts")}
              {field("complexMinutes")}
              {field("disputeAmount", words.disputeAmountHint)}
              {field("longMinutes")}
              {field("longAttempts")}
            </FormPair>
          )}
        </FormStack>
      </Card>
      <Card title={words.topics} description={words.topicsText}>
        <TopicsField value={form.values.topics} error={form.errors.topics} onChange={(topics) => form.set("topics", topics)} />
      </Card>
      <Card title={words.waiting}>
        <FormPair>
          {field("remindMinutes", words.remindHint)}
          {field("reassureMinutes", words.reassureHint)}
          {field("offerMinutes")}
          {field("expireMinutes", words.expireHint)}
          {field("agentSilenceMinutes", words.agentSilenceHint)}
        </FormPair>
      </Card>
    </SettingsForm>
  );
}
