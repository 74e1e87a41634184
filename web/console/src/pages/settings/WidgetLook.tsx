import { ActionIcon, Button, Checkbox, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { Card, FormButtons, FormFields, FormMessage, FormPair, FormStack, Segmented, toasts, useForm } from "@parley/ui";
import { IconTrash } from "@parley/ui/icons";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import * as api from "@/api/calls";
import { nestedProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Widget } from "@/api/types";
import { useCan } from "@/app/session";
import { languageName } from "@/lib/labels";
import { wd } from "@/strings/widgets";
import { WidgetPreview } from "./WidgetPreview.tsx";
import classes from "./Settings.module.css";

const words = wd.widget;
const maxQuestions = 6;
const maxQuestion = 150;
const everybody = "";
const offered = ["ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "he", "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "nl", "no", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sv", "th", "tr", "uk", "vi", "zh"];

type Said = { title: string; greeting: string; questions: string };
const lines = (text: string) => text.split("\n").map((x) => x.trim()).filter((x) => x !== "");
const tooMany = (said: Said) => lines(said.questions).length > maxQuestions || lines(said.questions).some((q) => q.length > maxQuestion);

/** What a visitor sees: texts by language, colour, side and what is offered. What this form does not show stays as it is. */
export function WidgetLook({ widget: w }: { widget: Widget }) {
  const may = useCan()("widgets:write");
  const client = useQueryClient();
  const s = w.settings;
  const [language, setLanguage] = useState(everybody);
  const form = useForm({
    initial: {
      said: Object.fromEntries([
        [everybody, { title: s.title, greeting: s.greeting, questions: s.suggestedQuestions.join("\n") }],
        ...Object.entries(s.languages).map(([tag, x]) => [tag, { title: x.title ?? "", greeting: x.greeting ?? "", questions: (x.suggestedQuestions ?? []).join("\n") }] as const),
      ]) as Record<string, Said>,
      color: s.color,
      position: s.position,
      offerPerson: s.offerPerson,
      askRating: s.askRating,
    },
    validate: (v) => {
      const wrong = Object.entries(v.said).find(([tag, x]) => tooMany(x) || (tag === everybody && !x.greeting.trim()));
      if (wrong) setLanguage(wrong[0]);
      return {
        ...(wrong && { said: tooMany(wrong[1]) ? words.questionsTooMany : words.greetingMissing }),
        ...(!/^#[0-9a-f]{6}$/i.test(v.color) && { color: words.colorBad }),
      };
    },
    submit: async ({ said, ...v }) => {
      const { [everybody]: all, ...others } = said;
      const languages = Object.fromEntries(Object.entries(others).map(([tag, x]) => [tag, { title: x.title.trim() || null, greeting: x.greeting.trim() || null, suggestedQuestions: lines(x.questions) }]));
      await api.widgets.update(w.id, { settings: { ...s, ...v, title: all?.title.trim() ?? "", greeting: all?.greeting.trim() ?? "", suggestedQuestions: lines(all?.questions ?? ""), languages } });
      await client.invalidateQueries({ queryKey: queries.widgets.queryKey });
      toasts.success(words.saved);
    },
    problem: nestedProblem,
  });
  const v = form.values;
  const all = v.said[everybody] as Said;
  const said = v.said[language] ?? all;
  const say = (part: Partial<Said>) => form.set("said", { ...v.said, [language]: { ...said, ...part } });
  const addLanguage = (tag: string) => {
    form.set("said", { ...v.said, [tag]: { title: "", greeting: "", questions: "" } });
    setLanguage(tag);
  };
  const removeLanguage = () => {
    form.set("said", Object.fromEntries(Object.entries(v.said).filter(([tag]) => tag !== language)));
    setLanguage(everybody);
  };
  const tags = Object.keys(v.said).filter((tag) => tag !== everybody);
  const error = form.errors.said;
  const questionsWrong = tooMany(said) ? error : undefined;
  return (
    <Card title={words.look} description={words.lookText}>
      <div className={classes.split}>
        <form {...form.formProps}>
          <FormFields disabled={!may}>
            <FormMessage text={form.message} />
            <div className={classes.inlineForm}>
              <div>
                <Segmented aria-label={words.language} value={language} onChange={setLanguage} data={[{ value: everybody, label: words.allLanguages }, ...tags.map((tag) => ({ value: tag, label: languageName(tag) }))]} />
              </div>
              {may && language !== everybody && (
                <ActionIcon aria-label={words.languageRemove(languageName(language))} onClick={removeLanguage}>
                  <IconTrash size={16} />
                </ActionIcon>
              )}
              {may && (
                <NativeSelect
                  aria-label={words.languageAdd}
                  value=""
                  onChange={(e) => e.currentTarget.value && addLanguage(e.currentTarget.value)}
                  data={[{ value: "", label: words.languageAdd }, ...offered.filter((tag) => !tags.includes(tag)).map((tag) => ({ value: tag, label: languageName(tag) }))]}
                />
              )}
            </div>
            <FormStack key={language}>
              <TextInput
                label={words.textsTitle}
                description={language === everybody ? words.textsTitleHint : words.asInAll}
                value={said.title}
                placeholder={language === everybody ? undefined : all.title}
                onChange={(e) => say({ title: e.currentTarget.value })}
                maxLength={80}
                autoComplete="off"
                dir="auto"
              />
              <Textarea
                label={words.greeting}
                description={language === everybody ? words.greetingHint : words.asInAll}
                value={said.greeting}
                placeholder={language === everybody ? undefined : all.greeting}
                error={questionsWrong ? undefined : error}
                onChange={(e) => say({ greeting: e.currentTarget.value })}
                maxLength={500}
                rows={2}
                dir="auto"
              />
              <Textarea label={words.questions} description={words.questionsHint} value={said.questions} error={questionsWrong} onChange={(e) => say({ questions: e.currentTarget.value })} rows={4} dir="auto" />
            </FormStack>
            <FormPair>
              <TextInput
                {...form.text("color")}
                label={words.color}
                maxLength={7}
                autoComplete="off"
                dir="ltr"
                leftSection={<input type="color" className={classes.swatch} aria-label={words.color} value={v.color} onChange={(e) => form.set("color", e.currentTarget.value)} />}
              />
              <NativeSelect
                label={words.position}
                value={v.position}
                onChange={(e) => form.set("position", e.currentTarget.value)}
                data={Object.entries(words.positions).map(([value, label]) => ({ value, label }))}
              />
            </FormPair>
            <Checkbox label={words.offerPerson} description={words.offerPersonText} checked={v.offerPerson} onChange={(e) => form.set("offerPerson", e.currentTarget.checked)} />
            <Checkbox label={words.askRating} description={words.askRatingText} checked={v.askRating} onChange={(e) => form.set("askRating", e.currentTarget.checked)} />
            {may && (
              <FormButtons>
                <Button type="submit" loading={form.pending}>
                  {words.save}
                </Button>
              </FormButtons>
            )}
          </FormFields>
        </form>
        <WidgetPreview
          title={said.title.trim() || all.title}
          greeting={said.greeting.trim() || all.greeting}
          questions={lines(said.questions).length > 0 ? lines(said.questions) : lines(all.questions)}
          color={v.color}
          position={v.position}
          person={v.offerPerson}
        />
      </div>
    </Card>
  );
}
