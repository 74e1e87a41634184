import { NativeSelect } from "@mantine/core";
import { ErrorState, ListSkeleton } from "@parley/ui";
import { useQuery } from "@tanstack/react-query";
import { assistantQueries } from "@/api/assistant";
import { explain } from "@/api/problem";
import { languageName } from "@/lib/labels";
import { at } from "@/strings/assistant";
import { FaceAvatar, type Face } from "./AssistantAvatar.tsx";
import { languages, saidIn, type Said, type Texts } from "./said.ts";
import classes from "./ProfilePreview.module.css";

const words = at.assistant.face.preview;
type Props = { assistantId: string; name: string; face: Face; tone: string; texts: Texts; said: Record<string, Said>; language: string; onLanguage: (language: string) => void };

/** What is filled in when it is said, as it might be. */
const examples = (text: string) => text.replaceAll("{position}", "2").replaceAll("{agent}", words.agent).replaceAll("{when}", "…");

/** What a customer reads in a language, while it is typed. */
export function ProfilePreview({ assistantId, name, face, tone, texts, said, language, onLanguage }: Props) {
  const product = useQuery(assistantQueries.texts(language));
  const own = texts[language] ?? {};
  const first = saidIn(said, language);
  const plain = product.data?.tones[tone] ?? {};
  const handover = product.data?.handover[tone] ?? {};
  const say = (key: string) => (own[key]?.trim() ? own[key] : (plain[key] ?? handover[key] ?? ""));
  const bubble = (label: string, ...lines: string[]) => (
    <div className={classes.step} key={label}>
      <span className={classes.when}>{label}</span>
      <div className={classes.line}>
        <FaceAvatar assistantId={assistantId} name={name} face={face} size={24} />
        <div className={classes.bubble} dir="auto" lang={language}>
          {lines.filter(Boolean).join(" ")}
        </div>
      </div>
    </div>
  );
  return (
    <section className={classes.preview} aria-label={words.title}>
      <div className={classes.head}>
        <h2>{words.title}</h2>
        <NativeSelect aria-label={words.language} value={language} onChange={(e) => onLanguage(e.currentTarget.value)} data={[...new Set([...languages, language])].map((x) => ({ value: x, label: languageName(x) }))} />
      </div>
      {product.isError ? (
        <ErrorState compact detail={explain(product.error)} onRetry={() => void product.refetch()} />
      ) : !product.data ? (
        <ListSkeleton rows={5} height={60} gap={12} />
      ) : (
        <div className={classes.window}>
          <div className={classes.bar}>
            <FaceAvatar assistantId={assistantId} name={name} face={face} size={32} />
            <strong dir="auto">{name}</strong>
          </div>
          <div className={classes.body}>
            {bubble(words.open, first.greeting || say("welcome"))}
            {first.questions.length > 0 && (
              <div className={classes.questions} dir="auto">
                {first.questions.slice(0, 6).map((q, i) => (
                  <span key={i} className={classes.question}>
                    {q}
                  </span>
                ))}
              </div>
            )}
            {bubble(words.greets, first.greeting || say("greeting"))}
            {bubble(at.assistant.profile.keys.abstain ?? "", say("abstain"), say("offerPerson"))}
            {bubble(at.assistant.profile.keys.clarify ?? "", say("clarify"))}
            {bubble(at.assistant.profile.keys.note ?? "", say("note"))}
            {bubble(words.queued, examples(say("queued")))}
            {bubble(words.joined, examples(say("accepted")))}
            {bubble(words.returned, examples(say("returned")))}
            {bubble(at.assistant.profile.keys.identity ?? "", say("identity"))}
            {bubble(at.assistant.profile.keys.goodbye ?? "", say("goodbye"))}
          </div>
        </div>
      )}
    </section>
  );
}
