import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { assistantQueries } from "@/api/assistant";
import { at } from "@/strings/assistant";
import { Group } from "./Group.tsx";
import classes from "./ToneField.module.css";

const words = at.assistant.face.tone;
const tones = ["professional", "friendly", "technical"] as const;
type Props = { tone: string; custom: boolean; language: string; onTone: (tone: string) => void; onCustom: (custom: boolean) => void };

/** Three tones that the product speaks, and one's own words over one of them. */
export function ToneField({ tone, custom, language, onTone, onCustom }: Props) {
  const name = useId();
  const texts = useQuery(assistantQueries.texts(language)).data;
  return (
    <Group title={words.title} text={words.text}>
      <div className={classes.cards} role="radiogroup" aria-label={words.title}>
        {tones.map((x) => (
          <label key={x} className={classes.card} data-chosen={(!custom && tone === x) || undefined}>
            <span className={classes.head}>
              <input
                type="radio"
                name={name}
                value={x}
                checked={!custom && tone === x}
                onChange={() => {
                  onTone(x);
                  onCustom(false);
                }}
              />
              <strong>{words.names[x]}</strong>
            </span>
            <span className={classes.about}>{words.about[x]}</span>
            <q className={classes.sample} dir="auto" lang={texts?.language}>
              {texts?.tones[x]?.abstain ?? ""}
            </q>
          </label>
        ))}
        <label className={classes.card} data-chosen={custom || undefined}>
          <span className={classes.head}>
            <input type="radio" name={name} value="custom" checked={custom} onChange={() => onCustom(true)} />
            <strong>{words.names.custom}</strong>
          </span>
          <span className={classes.about}>{words.about.custom}</span>
        </label>
      </div>
    </Group>
  );
}
