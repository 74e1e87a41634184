import { Button, Checkbox, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { Card, FormButtons, FormFields, FormMessage, FormPair, toasts, useForm } from "@parley/ui";
import { useQueryClient } from "@tanstack/react-query";
import * as api from "@/api/calls";
import { nestedProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Widget } from "@/api/types";
import { useCan } from "@/app/session";
import { st } from "@/strings/settings";
import classes from "./Settings.module.css";

const words = st.settings.widget;
const maxQuestions = 6;
const maxQuestion = 150;

const lines = (text: string) => text.split("\n").map((x) => x.trim()).filter((x) => x !== "");

/** What a visitor sees: texts, colour, side and what is offered. What this form does not show stays as it is. */
export function WidgetLook({ widget: w }: { widget: Widget }) {
  const may = useCan()("widgets:write");
  const client = useQueryClient();
  const s = w.settings;
  const form = useForm({
    initial: { title: s.title, greeting: s.greeting, color: s.color, position: s.position, suggestedQuestions: s.suggestedQuestions.join("\n"), offerPerson: s.offerPerson, askRating: s.askRating },
    validate: (v) => ({
      ...(!v.greeting.trim() && { greeting: words.greetingMissing }),
      ...(!/^#[0-9a-f]{6}$/i.test(v.color) && { color: words.colorBad }),
      ...((lines(v.suggestedQuestions).length > maxQuestions || lines(v.suggestedQuestions).some((q) => q.length > maxQuestion)) && { suggestedQuestions: words.questionsTooMany }),
    }),
    submit: async (v) => {
      await api.widgets.update(w.id, { settings: { ...s, ...v, title: v.title.trim(), greeting: v.greeting.trim(), suggestedQuestions: lines(v.suggestedQuestions) } });
      await client.invalidateQueries({ queryKey: queries.widgets.queryKey });
      toasts.success(words.saved);
    },
    problem: nestedProblem,
  });
  return (
    <Card title={words.look} description={words.lookText}>
      <form {...form.formProps}>
        <FormFields disabled={!may}>
          <FormMessage text={form.message} />
          <TextInput {...form.text("title")} label={words.textsTitle} description={words.textsTitleHint} maxLength={80} autoComplete="off" dir="auto" />
          <Textarea {...form.text("greeting")} label={words.greeting} description={words.greetingHint} maxLength={500} rows={2} dir="auto" />
          <Textarea {...form.text("suggestedQuestions")} label={words.questions} description={words.questionsHint} rows={4} dir="auto" />
          <FormPair>
            <TextInput
              {...form.text("color")}
              label={words.color}
              maxLength={7}
              autoComplete="off"
              dir="ltr"
              leftSection={<input type="color" className={classes.swatch} aria-label={words.color} value={form.values.color} onChange={(e) => form.set("color", e.currentTarget.value)} />}
            />
            <NativeSelect
              label={words.position}
              value={form.values.position}
              onChange={(e) => form.set("position", e.currentTarget.value)}
              data={Object.entries(words.positions).map(([value, label]) => ({ value, label }))}
            />
          </FormPair>
          <Checkbox label={words.offerPerson} description={words.offerPersonText} checked={form.values.offerPerson} onChange={(e) => form.set("offerPerson", e.currentTarget.checked)} />
          <Checkbox label={words.askRating} description={words.askRatingText} checked={form.values.askRating} onChange={(e) => form.set("askRating", e.currentTarget.checked)} />
          {may && (
            <FormButtons>
              <Button type="submit" loading={form.pending}>
                {words.save}
              </Button>
            </FormButtons>
          )}
        </FormFields>
      </form>
    </Card>
  );
}
