import { Checkbox, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { Card, ErrorState, FormPair, ListSkeleton, Page, PageHeader, toasts, useForm } from "@parley/ui";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import * as api from "@/api/calls";
import { explain, formProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { AssistantProfile } from "@/api/types";
import { languageName } from "@/lib/labels";
import { t } from "@/strings";
import { at } from "@/strings/assistant";
import classes from "./AssistantSettings.module.css";
import { AssistantTabs } from "./AssistantTabs.tsx";
import { SettingsForm } from "./SettingsForm.tsx";
import { fraction, isFraction } from "./numbers.ts";

const words = at.assistant.profile;
/** Those that the product has words in; the server refuses others by name. */
const languages = ["en", "ar", "de", "el", "es", "hi", "ro", "ru", "th", "tr", "vi", "zh"];
const audiences = Object.keys(words.audience);

export function AnswersPage() {
  const assistant = useQuery(queries.assistant);
  return (
    <Page>
      <PageHeader title={t.assistant.title} description={words.description} />
      <AssistantTabs active="answers" />
      {assistant.isPending ? (
        <ListSkeleton rows={4} height={150} gap={16} />
      ) : assistant.isError || !assistant.data ? (
        <Card>
          <ErrorState detail={explain(assistant.error)} onRetry={() => void assistant.refetch()} />
        </Card>
      ) : (
        <ProfileForm key={assistant.data.publishedVersion} id={assistant.data.id} profile={assistant.data.profile} />
      )}
    </Page>
  );
}

/** What this form does not show stays as it is. */
function ProfileForm({ id, profile: p }: { id: string; profile: AssistantProfile }) {
  const client = useQueryClient();
  const form = useForm({
    initial: { greeting: p.greeting, threshold: String(p.threshold ?? ""), noteBelow: String(p.noteBelow ?? ""), clarifies: p.clarifies, audiences: p.audiences, texts: p.texts as Texts },
    validate: (v) => ({
      ...(!isFraction(v.threshold) && { threshold: words.fraction }),
      ...(!isFraction(v.noteBelow) && { noteBelow: words.fraction }),
      ...(v.audiences.length === 0 && { audiences: words.audienceMissing }),
    }),
    submit: async (v) => {
      const body = { ...p, ...v, greeting: v.greeting.trim(), threshold: fraction(v.threshold), noteBelow: fraction(v.noteBelow), texts: filled(v.texts) };
      client.setQueryData(queries.assistant.queryKey, await api.assistant.saveProfile(id, body as AssistantProfile));
      toasts.success(at.assistant.saved);
    },
    problem: formProblem,
  });
  return (
    <div className={classes.narrow}>
      <Card>
        <SettingsForm form={form}>
          <Textarea {...form.text("greeting")} label={words.greeting} description={words.greetingHint} maxLength={500} rows={2} dir="auto" />
          <Group title={words.sure} text={words.sureText}>
            <FormPair>
              <TextInput {...form.text("threshold")} label={words.threshold} description={words.thresholdHint} placeholder={at.assistant.empty} inputMode="decimal" autoComplete="off" />
              <TextInput {...form.text("noteBelow")} label={words.noteBelow} description={words.noteBelowHint} placeholder={at.assistant.empty} inputMode="decimal" autoComplete="off" />
            </FormPair>
          </Group>
          <Checkbox label={words.clarifies} description={words.clarifiesText} checked={form.values.clarifies} onChange={(e) => form.set("clarifies", e.currentTarget.checked)} />
          <Group title={words.audiences} text={words.audiencesText} error={form.errors.audiences}>
            {audiences.map((a) => (
              <Checkbox
                key={a}
                label={words.audience[a]}
                checked={form.values.audiences.includes(a)}
                onChange={(e) => form.set("audiences", e.currentTarget.checked ? [...form.values.audiences, a] : form.values.audiences.filter((x) => x !== a))}
              />
            ))}
          </Group>
          <OwnTexts value={form.values.texts} error={form.errors.texts} onChange={(texts) => form.set("texts", texts)} />
        </SettingsForm>
      </Card>
    </div>
  );
}

function Group({ title, text, error, children }: { title: string; text: string; error?: string | undefined; children: ReactNode }) {
  return (
    <fieldset className={classes.group}>
      <legend className={classes.legend}>{title}</legend>
      <p className={classes.text}>{text}</p>
      {children}
      {error && (
        <p className={classes.error} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}

type Texts = Record<string, Record<string, string>>;

/** Without what is empty: that is said in the product's words. */
function filled(texts: Texts): Texts {
  const kept = Object.entries(texts).map(([language, own]) => [language, Object.fromEntries(Object.entries(own).filter(([, text]) => text.trim() !== ""))] as const);
  return Object.fromEntries(kept.filter(([, own]) => Object.keys(own).length > 0));
}

function OwnTexts({ value, error, onChange }: { value: Texts; error: string | undefined; onChange: (texts: Texts) => void }) {
  const [language, setLanguage] = useState("en");
  const changed = filled(value);
  const own = value[language] ?? {};
  return (
    <Group title={words.texts} text={words.textsText} error={error}>
      <NativeSelect
        label={words.language}
        value={language}
        onChange={(e) => setLanguage(e.currentTarget.value)}
        data={[...new Set([...languages, ...Object.keys(value)])].map((x) => ({ value: x, label: x in changed ? words.changedIn(languageName(x)) : languageName(x) }))}
      />
      {Object.entries(words.keys).map(([key, name]) => (
        <Textarea
          key={key}
          label={name}
          rows={1}
          autosize={false}
          maxLength={1000}
          dir="auto"
          value={own[key] ?? ""}
          onChange={(e) => onChange({ ...value, [language]: { ...own, [key]: e.currentTarget.value } })}
        />
      ))}
    </Group>
  );
}
