import { NativeSelect, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { assistantQueries } from "@/api/assistant";
import { languageName } from "@/lib/labels";
import { at } from "@/strings/assistant";
import { Group } from "./Group.tsx";
import { filled, languages, placeOf, strangePlace, type Texts } from "./said.ts";

const words = at.assistant.profile;
type Props = { value: Texts; tone: string; language: string; error: string | undefined; onLanguage: (language: string) => void; onChange: (texts: Texts) => void };

/** One's own words by language; what is left empty is said in the tone's. */
export function OwnTexts({ value, tone, language, error, onLanguage, onChange }: Props) {
  const changed = filled(value);
  const own = value[language] ?? {};
  const product = useQuery(assistantQueries.texts(language)).data;
  const said = { ...product?.tones[tone], ...product?.handover[tone] };
  const field = ([key, name]: [string, string]) => (
    <Textarea
      key={key}
      label={name}
      rows={2}
      autosize={false}
      maxLength={1000}
      dir="auto"
      placeholder={said[key]}
      value={own[key] ?? ""}
      error={key in words.handoverKeys && strangePlace(key, own[key] ?? "") && words.placeBad(`{${placeOf(key)}}`)}
      onChange={(e) => onChange({ ...value, [language]: { ...own, [key]: e.currentTarget.value } })}
    />
  );
  return (
    <>
      <Group title={words.texts} text={words.textsText} error={undefined}>
        <NativeSelect
          label={words.language}
          value={language}
          onChange={(e) => onLanguage(e.currentTarget.value)}
          data={[...new Set([...languages, ...Object.keys(value)])].map((x) => ({ value: x, label: x in changed ? words.changedIn(languageName(x)) : languageName(x) }))}
        />
        {Object.entries(words.keys).map(field)}
      </Group>
      <Group title={words.handover} text={words.handoverText} error={error}>
        {Object.entries(words.handoverKeys).map(field)}
      </Group>
    </>
  );
}
