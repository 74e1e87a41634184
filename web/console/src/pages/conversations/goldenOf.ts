import type { Conversation, Message } from "@/api/types";
import { citations, plainText } from "@/lib/messages";
import type { Prefill } from "@/pages/quality/QuestionDialog";

/** A golden question of what a customer asked, and of what the answer to it cites first. */
export function goldenOf(message: Message, all: readonly Message[], conversation: Pick<Conversation, "id" | "locale">): Prefill {
  const later = all.slice(all.findIndex((m) => m.id === message.id) + 1);
  const end = later.findIndex((m) => m.authorKind === "end_user");
  const cited = later.slice(0, end < 0 ? undefined : end).flatMap(citations)[0];
  return { question: plainText(message).trim(), document: cited ? { id: cited.documentId, title: cited.title } : null, language: conversation.locale, conversationId: conversation.id };
}
