import { toasts } from "@parley/ui";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { explain } from "@/api/problem";
import type { GoldenQuestion } from "@/api/quality";
import { queries } from "@/api/queries";
import type { Conversation, Message } from "@/api/types";
import { citations, plainText } from "@/lib/messages";
import type { Prefill } from "@/pages/quality/QuestionDialog";
import { t } from "@/strings";

/** A golden question of what a customer asked, and of what the answer to it cites first. */
export function goldenOf(message: Message, all: readonly Message[], conversation: Pick<Conversation, "id" | "locale">): Prefill {
  const later = all.slice(all.findIndex((m) => m.id === message.id) + 1);
  const end = later.findIndex((m) => m.authorKind === "end_user");
  const cited = later.slice(0, end < 0 ? undefined : end).flatMap(citations)[0];
  return { question: plainText(message).trim(), document: cited ? { id: cited.documentId, title: cited.title } : null, language: conversation.locale, conversationId: conversation.id };
}

type Form = { question?: GoldenQuestion; prefill?: Prefill };

/** Keeps what a customer asked: with one click where the answer names its article, else in the form, since only a person knows what would be right. */
export function useGolden() {
  const client = useQueryClient();
  const [form, setForm] = useState<Form | null>(null);
  const kept = useRef(new Map<string, GoldenQuestion | null>());
  const keep = async (m: Message, c: Conversation) => {
    const known = goldenOf(m, client.getQueryData(queries.messages(c.id).queryKey) ?? [], c);
    if (!known.document) return setForm({ prefill: known });
    const before = kept.current.get(m.id);
    if (before !== undefined) return before ? setForm({ question: before }) : undefined;
    kept.current.set(m.id, null);
    try {
      const { golden } = await import("@/api/quality");
      const { question, document, language, conversationId } = known;
      const added = await golden.add({ question, expectedOutcome: "answered", expectedDocumentId: document.id, ...(language && { language }), sourceConversationId: conversationId });
      kept.current.set(m.id, added);
      for (const key of ["golden-questions", "golden-facets"]) void client.invalidateQueries({ queryKey: [key] });
      toasts.success(t.conversation.goldenAdded, { label: t.conversation.goldenChange, run: () => setForm({ question: added }) });
    } catch (e) {
      kept.current.delete(m.id);
      toasts.error(explain(e));
    }
  };
  return { form, keep, close: () => setForm(null) };
}
