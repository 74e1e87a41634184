import { Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import type { EscalationRules, Priority, TopicRule } from "@/api/types";
import { label } from "@/lib/labels";
import { t } from "@/strings";
import { at } from "@/strings/assistant";
import classes from "./AssistantSettings.module.css";
import { toWords } from "./topicWords.ts";

const words = at.assistant.rules;
/** Those that the product knows the words of. */
const known = ["billing", "refund", "suspension", "legal", "security", "privacy", "outage", "system_access"];
const fresh: TopicRule = { priority: "urgent", immediate: false, words: [] };

type Topics = EscalationRules["topics"];

/** Each topic: whether it is looked for, how urgent it is, whether it calls a person by itself, and by which words besides the product's own. */
export function TopicsField({ value, error, onChange }: { value: Topics; error: string | undefined; onChange: (topics: Topics) => void }) {
  // A topic that is switched off and on again keeps what was set for it.
  const [before] = useState(value);
  const set = (topic: string, rule: TopicRule | null) => onChange(Object.fromEntries(known.flatMap((k) => (k === topic ? (rule ? [[k, rule]] : []) : value[k] ? [[k, value[k]]] : []))) as Topics);
  return (
    <div className={classes.topics}>
      {known.map((topic) => {
        const name = label(t.conversation.topics, topic);
        const rule = value[topic];
        return (
          <div key={topic} className={classes.topic} role="group" aria-label={name}>
            <Checkbox label={name} aria-label={words.watch(name)} checked={rule !== undefined} onChange={(e) => set(topic, e.currentTarget.checked ? (before[topic] ?? fresh) : null)} />
            {rule && (
              <>
                <NativeSelect
                  size="xs"
                  aria-label={words.priorityOf(name)}
                  value={rule.priority}
                  onChange={(e) => set(topic, { ...rule, priority: e.currentTarget.value as Priority })}
                  data={Object.entries(t.conversation.priority).map(([v, text]) => ({ value: v, label: text }))}
                />
                <Checkbox
                  size="xs"
                  label={words.immediate}
                  aria-label={words.immediateOf(name)}
                  checked={rule.immediate}
                  onChange={(e) => set(topic, { ...rule, immediate: e.currentTarget.checked })}
                />
                <WordsInput name={name} value={rule.words} onChange={(own) => set(topic, { ...rule, words: own })} />
              </>
            )}
          </div>
        );
      })}
      <p className={classes.text}>{words.wordsHint}</p>
      {error && (
        <p className={classes.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

/** Keeps what is typed, commas and all, while the words are read from it. */
function WordsInput({ name, value, onChange }: { name: string; value: readonly string[]; onChange: (words: string[]) => void }) {
  const [text, setText] = useState(value.join(", "));
  return (
    <TextInput
      size="xs"
      dir="auto"
      autoComplete="off"
      aria-label={words.wordsOf(name)}
      placeholder={words.ownWords}
      value={text}
      onChange={(e) => {
        setText(e.currentTarget.value);
        onChange(toWords(e.currentTarget.value));
      }}
    />
  );
}
