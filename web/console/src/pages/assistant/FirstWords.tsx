import { NativeSelect, Textarea } from "@mantine/core";
import { FormStack } from "@parley/ui";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { assistantQueries } from "@/api/assistant";
import { languageName } from "@/lib/labels";
import { at } from "@/strings/assistant";
import { Group } from "./Group.tsx";
import { everybody, languages, linesOf, type Said } from "./said.ts";

const words = at.assistant.face;
type Props = { said: Record<string, Said>; tone: string; language: string; error: string | undefined; onLanguage: (language: string) => void; onChange: (said: Record<string, Said>) => void };

const none: Said = { greeting: "", questions: "" };

/** Greeting and suggested questions, for all and by language. */
export function FirstWords({ said, tone, language, error, onLanguage, onChange }: Props) {
  const [whose, setWhose] = useState(everybody);
  const product = useQuery(assistantQueries.texts(language)).data;
  const shown = whose === everybody ? everybody : language;
  const own = said[shown] ?? none;
  const say = (part: Partial<Said>) => onChange({ ...said, [shown]: { ...own, ...part } });
  const has = (tag: string) => said[tag] !== undefined && (said[tag].greeting.trim() !== "" || linesOf(said[tag].questions).length > 0);
  return (
    <Group title={words.first} text={words.firstText}>
      <NativeSelect
        label={words.whose}
        value={shown}
        onChange={(e) => {
          setWhose(e.currentTarget.value === everybody ? everybody : "one");
          if (e.currentTarget.value !== everybody) onLanguage(e.currentTarget.value);
        }}
        data={[
          { value: everybody, label: words.everybody },
          ...[...new Set([...languages, ...Object.keys(said).filter((x) => x !== everybody)])].map((x) => ({ value: x, label: has(x) ? at.assistant.profile.changedIn(languageName(x)) : languageName(x) })),
        ]}
      />
      <FormStack key={shown}>
        <Textarea
          label={at.assistant.profile.greeting}
          description={shown === everybody ? at.assistant.profile.greetingHint : words.asForAll}
          placeholder={(shown === everybody ? "" : said[everybody]?.greeting) || product?.tones[tone]?.welcome}
          value={own.greeting}
          onChange={(e) => say({ greeting: e.currentTarget.value })}
          maxLength={500}
          rows={2}
          dir="auto"
        />
        <Textarea
          label={words.questions}
          description={words.questionsHint}
          placeholder={shown === everybody ? undefined : said[everybody]?.questions}
          value={own.questions}
          error={error}
          onChange={(e) => say({ questions: e.currentTarget.value })}
          rows={4}
          dir="auto"
        />
      </FormStack>
    </Group>
  );
}
