import { Button, Checkbox, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { Card, ErrorState, FormPair, Hint, ListSkeleton, Page, PageHeader, toasts, useForm } from "@parley/ui";
import { IconHistory } from "@parley/ui/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useRef, useState, type ReactNode } from "react";
import { explain, nestedProblem, Problem } from "@/api/problem";
import { qualityQueries, versions } from "@/api/quality";
import { queries } from "@/api/queries";
import type { AssistantProfile } from "@/api/types";
import { lazyDialog } from "@/app/lazyDialog";
import { languageName } from "@/lib/labels";
import { t } from "@/strings";
import { at } from "@/strings/assistant";
import { qt } from "@/strings/quality";
import classes from "./AssistantSettings.module.css";
import { AssistantTabs } from "./AssistantTabs.tsx";
import { SettingsForm } from "./SettingsForm.tsx";
import { sameProfile } from "./profileText.ts";
import { fraction, isFraction } from "./numbers.ts";

const PublishDialog = lazyDialog(async () => (await import("./PublishDialog.tsx")).PublishDialog);
const VersionsDialog = lazyDialog(async () => (await import("./VersionsDialog.tsx")).VersionsDialog);

const words = at.assistant.profile;
/** Those that the product has words in; the server refuses others by name. */
const languages = ["en", "ar", "de", "el", "es", "hi", "ro", "ru", "th", "tr", "vi", "zh"];
const audiences = Object.keys(words.audience);

export function AnswersPage() {
  const { version } = useSearch({ from: "/assistant/answers" });
  const navigate = useNavigate({ from: "/assistant/answers" });
  const assistant = useQuery(queries.assistant);
  const id = assistant.data?.id ?? "";
  const draft = useQuery({ ...qualityQueries.version(id, version ?? 0), enabled: version !== undefined && id !== "" });
  const [dialog, setDialog] = useState<"versions" | { publish: number } | null>(null);
  const edit = (to: number | undefined) => {
    setDialog(null);
    void navigate({ search: to === undefined ? {} : { version: to }, replace: true });
  };
  const failed = [assistant, ...(version === undefined ? [] : [draft])].find((q) => q.isError || (q.isSuccess && !q.data));
  const inForce = assistant.data?.publishedVersion ?? 0;
  const shown = version === undefined || version === inForce ? assistant.data?.profile : draft.data?.profile;
  return (
    <Page>
      <PageHeader
        title={t.assistant.title}
        description={words.description}
        actions={
          <Button variant="default" leftSection={<IconHistory size={16} />} disabled={!assistant.data} onClick={() => setDialog("versions")}>
            {qt.quality.versions.open}
          </Button>
        }
      />
      <AssistantTabs active="answers" />
      {failed ? (
        <Card>
          <ErrorState detail={explain(failed.error)} onRetry={() => void failed.refetch()} />
        </Card>
      ) : !shown ? (
        <ListSkeleton rows={4} height={150} gap={16} />
      ) : (
        <ProfileForm key={`${inForce}/${version ?? ""}`} id={id} profile={shown} version={version ?? inForce} inForce={inForce} onEdit={edit} onPublish={(to) => setDialog({ publish: to })} />
      )}
      <VersionsDialog opened={dialog === "versions"} onClose={() => setDialog(null)} assistantId={id} inForce={inForce} onEdit={edit} onPublish={(to) => setDialog({ publish: to })} />
      <PublishDialog opened={typeof dialog === "object" && dialog !== null} onClose={() => setDialog(null)} version={typeof dialog === "object" && dialog !== null ? dialog.publish : 0} onPublished={() => edit(undefined)} />
    </Page>
  );
}

type FormProps = { id: string; profile: AssistantProfile; version: number; inForce: number; onEdit: (version: number | undefined) => void; onPublish: (version: number) => void };

/** What this form does not show stays as it is. */
function ProfileForm({ id, profile: p, version, inForce, onEdit, onPublish }: FormProps) {
  const client = useQueryClient();
  const drafting = useRef(false);
  const [note, setNote] = useState("");
  const save = async (body: AssistantProfile): Promise<number> => {
    if (version !== inForce && sameProfile(body, p)) return version;
    const saved = await versions.save(id, { profile: body, ...(note.trim() && { note: note.trim() }) });
    void client.invalidateQueries({ queryKey: ["assistant-versions"] });
    return saved.version;
  };
  const publish = async (to: number) => {
    try {
      client.setQueryData(queries.assistant.queryKey, await versions.publish(id, { version: to, withoutComparison: false }));
      void client.invalidateQueries({ queryKey: ["assistant-versions"] });
      toasts.success(at.assistant.saved);
      onEdit(undefined);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "comparison_missing") throw error;
      onEdit(to);
      onPublish(to);
    }
  };
  const form = useForm({
    initial: { greeting: p.greeting, threshold: String(p.threshold ?? ""), noteBelow: String(p.noteBelow ?? ""), clarifies: p.clarifies, audiences: p.audiences, texts: p.texts as Texts },
    validate: (v) => ({
      ...(!isFraction(v.threshold) && { threshold: words.fraction }),
      ...(!isFraction(v.noteBelow) && { noteBelow: words.fraction }),
      ...(v.audiences.length === 0 && { audiences: words.audienceMissing }),
    }),
    submit: async (v) => {
      const asDraft = drafting.current;
      const to = await save({ ...p, ...v, greeting: v.greeting.trim(), threshold: fraction(v.threshold), noteBelow: fraction(v.noteBelow), texts: filled(v.texts) } as AssistantProfile);
      if (!asDraft) return publish(to);
      toasts.success(qt.quality.versions.drafted(to));
      onEdit(to);
    },
    problem: nestedProblem,
  });
  const send = (asDraft: boolean) => {
    drafting.current = asDraft;
    form.formProps.ref.current?.requestSubmit();
    drafting.current = false;
  };
  return (
    <div className={classes.narrow}>
      {version !== inForce && (
        <Hint>
          {qt.quality.versions.editing(qt.quality.version(version))}{" "}
          <button type="button" className={classes.inline} onClick={() => onEdit(undefined)}>
            {qt.quality.versions.leave}
          </button>
        </Hint>
      )}
      <Card>
        <SettingsForm
          form={form}
          save={qt.quality.publish.open}
          also={
            <Button variant="default" disabled={form.pending} onClick={() => send(true)}>
              {qt.quality.versions.draft}
            </Button>
          }
        >
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
          <TextInput label={qt.quality.versions.note} description={qt.quality.versions.noteHint} value={note} onChange={(e) => setNote(e.currentTarget.value)} maxLength={200} autoComplete="off" />
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
