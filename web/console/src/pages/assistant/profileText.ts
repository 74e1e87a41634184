import type { AssistantProfile } from "@/api/types";
import { languageName } from "@/lib/labels";
import { at } from "@/strings/assistant";
import { qt } from "@/strings/quality";

const words = qt.quality.versions.facts;

/** A profile as lines for reading, so that two of them can be compared as texts are. What is as by default is left out. */
export function profileText(p: AssistantProfile): string {
  const line = (name: string, value: string | null | undefined) => (value ? [`${name}: ${value.replaceAll(/\s*\n\s*/g, " ")}`] : []);
  const number = (n: number | null | undefined) => (n === null || n === undefined ? words.standard : String(n));
  const texts = Object.entries((p.texts ?? {}) as Record<string, Record<string, string>>)
    .sort(([a], [b]) => a.localeCompare(b))
    .flatMap(([language, own]) => Object.entries(own).sort(([a], [b]) => a.localeCompare(b)).flatMap(([key, text]) => line(`${at.assistant.profile.keys[key] ?? key} (${languageName(language)})`, text)));
  return [
    ...line(words.name, p.name),
    ...line(words.tone, p.tone === "professional" ? null : (at.assistant.face.tone.names[p.tone as "friendly"] ?? p.tone)),
    ...line(words.picture, p.avatarId && words.pictureOwn(p.avatarId.slice(-8))),
    ...line(words.initials, p.avatarInitials),
    ...line(words.color, p.avatarColor),
    ...line(words.greeting, p.greeting),
    ...line(words.threshold, number(p.threshold)),
    ...line(words.noteBelow, number(p.noteBelow)),
    ...line(words.clarifies, p.clarifies ? words.yes : words.no),
    ...p.audiences.toSorted().flatMap((a) => line(words.audience, at.assistant.profile.audience[a] ?? a)),
    ...p.suggestedQuestions.flatMap((q) => line(words.suggested, q)),
    ...Object.entries((p.languages ?? {}) as Record<string, { greeting: string | null; suggestedQuestions: string[] | null }>)
      .sort(([a], [b]) => a.localeCompare(b))
      .flatMap(([tag, x]) => [
        ...line(words.inLanguage(words.greeting, languageName(tag)), x.greeting),
        ...(x.suggestedQuestions ?? []).flatMap((q) => line(words.inLanguage(words.suggested, languageName(tag)), q)),
      ]),
    ...texts,
  ].join("\n");
}

/** Whether two profiles say the same. */
export const sameProfile = (a: AssistantProfile, b: AssistantProfile) => profileText(a) === profileText(b);
