import { Markdown } from "@parley/ui";
import { useEffect, useState } from "react";
import type { Live } from "@/feed/reduce";
import { AssistantAvatar } from "@/pages/assistant/AssistantAvatar";
import { t } from "@/strings";
import classes from "./Transcript.module.css";

/** The answer as it is being written, and who is typing. */
export function LiveAnswer({ live, customer }: { live: Live; customer: string }) {
  const typing = useNotExpired(live.typing);
  return (
    <>
      {live.turn && (
        <article className={classes.message} aria-label={t.inbox.writing} aria-busy>
          <div className={classes.avatar}>
            <AssistantAvatar name={t.inbox.assistant} />
          </div>
          <div className={classes.byline}>
            <span className={classes.author}>{t.inbox.assistant}</span>
          </div>
          <div className={classes.bubble} data-kind="assistant">
            {live.turn.text ? <Markdown text={live.turn.text} /> : <Dots text={t.inbox.writing} />}
          </div>
        </article>
      )}
      {typing && !live.turn && <Dots text={t.inbox.typing(typing.who === "end_user" ? customer : (t.conversation.owner.agent ?? ""))} />}
    </>
  );
}

function useNotExpired(typing: Live["typing"]) {
  const [expired, setExpired] = useState<number | null>(null);
  const until = typing?.until ?? null;
  useEffect(() => {
    if (until === null) return;
    const timer = setTimeout(() => setExpired(until), Math.max(0, until - Date.now()));
    return () => clearTimeout(timer);
  }, [until]);
  return typing && typing.until !== expired ? typing : null;
}

function Dots({ text }: { text: string }) {
  return (
    <span className={classes.typing}>
      <span className={classes.dots} aria-hidden>
        <i />
        <i />
        <i />
      </span>
      {text}
    </span>
  );
}
