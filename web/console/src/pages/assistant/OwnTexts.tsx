import { NativeSelect, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { assistantQueries } from "@/api/assistant";
import { languageName } from "@/lib/labels";
import { at } from "@/strings/assistant";
import { Group } from "./Group.tsx";
import { filled, languages, type Texts } from "./said.ts";

const words = at.assistant.profile;
type Props = { value: Texts; tone: string; language: string; error: string | undefined; onLanguage: (language: string) => void; onChange: (texts: Texts) => void };

/** One's own words by language; what is left empty is said in the tone's. */
export function OwnTexts({ value, tone, language, error, onLanguage, onChange }: Props) {
  const changed = filled(value);
  const own = value[language] ?? {};
  const product = useQuery(assistantQueries.texts(language)).data?.tones[tone] ?? {};
  return (
    <Group title={words.texts} text={words.textsText} error={error}>
      <NativeSelect
        label={words.language}
        value={language}
        onChange={(e) => onLanguage(e.currentTarget.value)}
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
          placeholder={product[key]}
          value={own[key] ?? ""}
          onChange={(e) => onChange({ ...value, [language]: { ...own, [key]: e.currentTarget.value } })}
        />
      ))}
    </Group>
  );
}
