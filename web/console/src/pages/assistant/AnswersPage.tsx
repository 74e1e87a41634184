import { Checkbox, TextInput } from "@mantine/core";
import { Card, FormPair } from "@parley/ui";
import { at } from "@/strings/assistant";
import { DraftForm } from "./DraftForm.tsx";
import { Group } from "./Group.tsx";
import { fraction, isFraction } from "./numbers.ts";
import { useProfileForm } from "./useProfileForm.ts";
import { VersionedPage, type EditProps } from "./VersionedPage.tsx";

const words = at.assistant.profile;
const audiences = Object.keys(words.audience);

export function AnswersPage() {
  return (
    <VersionedPage at="/assistant/answers" description={words.description}>
      {(edit) => <AnswersForm {...edit} />}
    </VersionedPage>
  );
}

/** When it answers, and from what. */
function AnswersForm(edit: EditProps) {
  const p = edit.profile;
  const edited = useProfileForm(edit, {
    initial: { threshold: String(p.threshold ?? ""), noteBelow: String(p.noteBelow ?? ""), clarifies: p.clarifies, audiences: p.audiences },
    validate: (v) => ({
      ...(!isFraction(v.threshold) && { threshold: words.fraction }),
      ...(!isFraction(v.noteBelow) && { noteBelow: words.fraction }),
      ...(v.audiences.length === 0 && { audiences: words.audienceMissing }),
    }),
    body: (v) => ({ ...p, ...v, threshold: fraction(v.threshold), noteBelow: fraction(v.noteBelow) }),
  });
  const { form } = edited;
  return (
    <Card>
      <DraftForm edited={edited}>
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
      </DraftForm>
    </Card>
  );
}
