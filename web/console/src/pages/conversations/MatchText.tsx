import { Pill } from "@parley/ui";
import { Link } from "@tanstack/react-router";
import type { FoundMessage } from "@/api/found";
import { pieces } from "@/lib/highlight";
import { vt } from "@/strings/conversations";
import classes from "./ConversationsPage.module.css";

/** What was said, with the words that were looked for; leads to that very message. */
export function MatchText({ conversationId, match }: { conversationId: string; match: FoundMessage }) {
  return (
    <Link className={classes.match} to="/conversations/$conversationId" params={{ conversationId }} search={{ message: match.messageId }} title={vt.found.openMessage} dir="auto">
      {match.visibility === "note" && <Pill tone="warning">{vt.found.note}</Pill>}
      {pieces(match.text, match.marks).map((p, i) => (p.marked ? <mark key={i}>{p.text}</mark> : <span key={i}>{p.text}</span>))}
    </Link>
  );
}
