import { TextInput } from "@mantine/core";
import { Card, ListSkeleton } from "@parley/ui";
import { lazy, Suspense, useState } from "react";
import type { AssistantProfile } from "@/api/types";
import { at } from "@/strings/assistant";
import { AvatarField } from "./AvatarField.tsx";
import classes from "./AssistantSettings.module.css";
import { DraftForm } from "./DraftForm.tsx";
import { FirstWords } from "./FirstWords.tsx";
import { OwnTexts } from "./OwnTexts.tsx";
import { everybody, filled, linesOf, saidOf, tooMany, type Said, type Texts } from "./said.ts";
import { ToneField } from "./ToneField.tsx";
import { useProfileForm } from "./useProfileForm.ts";
import { VersionedPage, type EditProps } from "./VersionedPage.tsx";

const words = at.assistant.face;
// Beside the form, or below it.
const ProfilePreview = lazy(async () => ({ default: (await import("./ProfilePreview.tsx")).ProfilePreview }));

/** Who the assistant is to customers: name, picture, tone, first words. */
export function ProfilePage() {
  return (
    <VersionedPage at="/assistant/profile" description={words.description} wide>
      {(edit) => <ProfileForm {...edit} />}
    </VersionedPage>
  );
}

function ProfileForm(edit: EditProps) {
  const p = edit.profile;
  // Of the fields and of the preview: what is written is what is shown.
  const [language, setLanguage] = useState("en");
  const edited = useProfileForm(edit, {
    initial: {
      name: p.name,
      avatarId: p.avatarId,
      avatarInitials: p.avatarInitials,
      avatarColor: p.avatarColor,
      tone: p.tone,
      custom: Object.keys(filled(p.texts as Texts)).length > 0,
      said: saidOf(p),
      texts: p.texts as Texts,
    },
    validate: (v) => {
      const wrong = Object.entries(v.said).find(([, x]) => tooMany(x));
      return {
        ...([...v.avatarInitials.trim()].length > 2 && { avatarInitials: words.initialsBad }),
        ...(v.avatarColor && !/^#[0-9a-f]{6}$/i.test(v.avatarColor) && { avatarColor: words.colorBad }),
        ...(wrong && { said: words.questionsTooMany }),
      };
    },
    body: ({ said, custom, texts, ...v }): AssistantProfile => {
      const { [everybody]: all, ...others } = said;
      const languages = Object.entries(others)
        .map(([tag, x]) => [tag, { greeting: x.greeting.trim() || null, suggestedQuestions: linesOf(x.questions) }] as const)
        .filter(([, x]) => x.greeting !== null || x.suggestedQuestions.length > 0);
      return {
        ...p,
        ...v,
        name: v.name.trim(),
        avatarInitials: v.avatarInitials.trim(),
        greeting: all?.greeting.trim() ?? "",
        suggestedQuestions: linesOf(all?.questions ?? ""),
        languages: Object.fromEntries(languages),
        texts: custom ? filled(texts) : {},
      } as AssistantProfile;
    },
  });
  const { form } = edited;
  const v = form.values;
  const name = v.name.trim() || edit.assistant.name;
  return (
    <div className={classes.split}>
      <Card>
        <DraftForm edited={edited}>
          <TextInput {...form.text("name")} label={words.name} description={words.nameHint} placeholder={edit.assistant.name} maxLength={100} autoComplete="off" dir="auto" />
          <AvatarField
            assistantId={edit.assistant.id}
            name={name}
            value={v}
            errors={form.errors}
            onChange={(part) => {
              if (part.avatarId !== undefined) form.set("avatarId", part.avatarId);
              if (part.avatarInitials !== undefined) form.set("avatarInitials", part.avatarInitials);
              if (part.avatarColor !== undefined) form.set("avatarColor", part.avatarColor);
            }}
          />
          <ToneField tone={v.tone} custom={v.custom} language={language} onTone={(tone) => form.set("tone", tone)} onCustom={(custom) => form.set("custom", custom)} />
          <FirstWords said={v.said} tone={v.tone} language={language} error={form.errors.said} onLanguage={setLanguage} onChange={(said: Record<string, Said>) => form.set("said", said)} />
          {v.custom && <OwnTexts value={v.texts} tone={v.tone} language={language} error={form.errors.texts} onLanguage={setLanguage} onChange={(texts) => form.set("texts", texts)} />}
        </DraftForm>
      </Card>
      <Suspense fallback={<ListSkeleton rows={5} height={60} gap={12} />}>
        <ProfilePreview assistantId={edit.assistant.id} name={name} face={v} tone={v.tone} texts={v.custom ? v.texts : {}} said={v.said} language={language} onLanguage={setLanguage} />
      </Suspense>
    </div>
  );
}
