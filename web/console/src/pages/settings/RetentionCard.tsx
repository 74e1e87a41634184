import { Button, TextInput } from "@mantine/core";
import { Card, confirm, ErrorState, FormButtons, FormFields, FormMessage, Hint, toasts, useForm } from "@parley/ui";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { privacy, privacyQueries, type Retention, type RetentionEntry } from "@/api/privacy";
import { explain, formProblem } from "@/api/problem";
import { useCan } from "@/app/session";
import { pv } from "@/strings/privacy";

const words = pv.privacy.retention;
const fields = ["conversationDays", "traceDays", "auditDays"] as const;

export function RetentionCard() {
  const retention = useQuery(privacyQueries.retention);
  return (
    <Card title={words.title} description={words.text}>
      {retention.isError && <ErrorState compact detail={explain(retention.error)} onRetry={() => void retention.refetch()} />}
      {/* Another version in force is another form. */}
      {retention.data && <RetentionForm key={retention.data.version} retention={retention.data} />}
    </Card>
  );
}

type Values = Record<(typeof fields)[number], string>;

const read = (v: Values) => Object.fromEntries(fields.map((f) => [f, v[f].trim() === "" ? null : Number(v[f])])) as RetentionEntry;

/** What is no whole number of days, by field. */
const wrongOf = (v: Values) => Object.fromEntries(fields.filter((f) => v[f].trim() !== "" && !/^\d{1,5}$/.test(v[f].trim())).map((f) => [f, words.wrong])) as Partial<Values>;

function RetentionForm({ retention }: { retention: Retention }) {
  const may = useCan()("privacy:write");
  const client = useQueryClient();
  const form = useForm({
    initial: Object.fromEntries(fields.map((f) => [f, retention[f]?.toString() ?? ""])) as Values,
    validate: wrongOf,
    submit: async (v) => {
      const entry = read(v);
      if (entry.conversationDays !== null && entry.conversationDays !== retention.conversationDays) {
        const preview = await privacy.preview(entry);
        if (preview.conversations > 0 && !(await confirm({ title: words.askTitle, body: words.askText(preview.conversations), confirm: words.ask, danger: true }))) return;
      }
      client.setQueryData<Retention>(privacyQueries.retention.queryKey, await privacy.save({ ...entry, version: retention.version }));
      toasts.success(words.saved);
    },
    problem: formProblem,
  });
  const look = useMutation({ mutationFn: () => privacy.preview(read(form.values)), onError: (e) => toasts.error(explain(e)) });
  const set = (name: (typeof fields)[number]) => {
    const text = form.text(name);
    return {
      ...text,
      onChange: (e: { currentTarget: { value: string } }) => {
        look.reset();
        text.onChange(e);
      },
      inputMode: "numeric" as const,
      maxLength: 5,
      rightSection: <span>{words.days}</span>,
      rightSectionWidth: 56,
    };
  };
  const changed = fields.some((f) => form.values[f].trim() !== (retention[f]?.toString() ?? ""));
  return (
    <form {...form.formProps}>
      <FormFields disabled={!may}>
        <FormMessage text={form.message} />
        <TextInput {...set("conversationDays")} label={words.conversations} description={words.conversationsHint} />
        <TextInput {...set("traceDays")} label={words.traces} description={words.tracesHint} />
        <TextInput {...set("auditDays")} label={words.audit} description={words.auditHint} />
        {look.data && <Hint>{words.looking(look.data.conversations, look.data.customers, look.data.turns, look.data.auditEntries)}</Hint>}
        {may && (
          <FormButtons>
            <Button variant="default" loading={look.isPending} disabled={Object.keys(wrongOf(form.values)).length > 0} onClick={() => look.mutate()}>
              {words.look}
            </Button>
            <Button type="submit" loading={form.pending} disabled={!changed}>
              {words.save}
            </Button>
          </FormButtons>
        )}
      </FormFields>
    </form>
  );
}
