import type { Citation, ConversationSummary, Message } from "@/api/types";
import { t } from "@/strings";

export function plainText(message: Message): string {
  return message.parts.flatMap((p) => (p.type === "text" ? [p.content.text] : [])).join("\n\n");
}

/** One line of a message for a list: its words, without the marks of Markdown. */
export function preview(text: string): string {
  return text
    .replaceAll(/\[([^\]]*)\]\([^)\s]*\)/g, "$1")
    .replaceAll(/(\*\*|__|`+)(\S(?:.*?\S)?)\1/g, "$2")
    .replaceAll(/^\s*(?:#{1,6}|>|[-*])\s+/gm, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}

export function citations(message: Message): Citation[] {
  return message.parts.flatMap((p) => (p.type === "quote" ? [p.content] : []));
}

export function customerName(c: Pick<ConversationSummary, "endUser">): string {
  return c.endUser.name ?? c.endUser.email ?? `${t.conversation.visitor} ${c.endUser.id.slice(-4)}`;
}

/** Who wrote it, from the reader's point of view. */
export function authorName(message: Message, customer: string, selfId: string | null): string {
  switch (message.authorKind) {
    case "end_user":
      return message.authorName ?? customer;
    case "assistant":
      return message.authorName ?? t.inbox.assistant;
    case "agent":
      return message.authorId === selfId ? t.inbox.you : (message.authorName ?? t.conversation.owner.agent ?? "");
    case "system":
      return t.inbox.system;
  }
}

/** Distinct passages the assistant quoted, in the order it first used them. */
export function usedSources(messages: readonly Message[]): Citation[] {
  const seen = new Map<string, Citation>();
  for (const m of messages) if (m.authorKind === "assistant") for (const c of citations(m)) if (!seen.has(c.chunkId + c.quote)) seen.set(c.chunkId + c.quote, c);
  return [...seen.values()];
}

/** Messages by calendar day of the reader. */
export function byDay(messages: readonly Message[]): { day: string; messages: Message[] }[] {
  const out: { day: string; messages: Message[] }[] = [];
  for (const m of messages) {
    const d = new Date(m.createdAt);
    const day = new Date(d.getFullYear(), d.getMonth(), d.getDate()).toISOString();
    if (out.at(-1)?.day === day) out.at(-1)?.messages.push(m);
    else out.push({ day, messages: [m] });
  }
  return out;
}

export function dayName(day: string, now = new Date()): string {
  const start = (d: Date) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
  const days = Math.round((start(now) - start(new Date(day))) / 86_400_000);
  if (days === 0) return t.conversation.today;
  if (days === 1) return t.conversation.yesterday;
  return new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", ...(days > 300 && { year: "numeric" }) }).format(new Date(day));
}
