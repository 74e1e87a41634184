/** What each event changes in what is already on the screen: pure, and safe to apply twice. */
import type { Citation, Conversation, ConversationSummary, Import, Message, Priority } from "@/api/types";
import type { FeedEvents } from "./events.ts";

/** Answer being written now in one conversation, and who is typing. */
export type Live = {
  turn: { id: string; text: string; sources: Citation[] } | null;
  typing: { who: "agent" | "end_user"; until: number } | null;
  lastError: string | null;
};
export const idle: Live = { turn: null, typing: null, lastError: null };

/** A typing notice that nothing renews ends by itself. */
export const typingMs = 6_000;

export function addMessage(messages: readonly Message[], message: Message): Message[] {
  const others = messages.filter((m) => m.id !== message.id);
  // Ours on its way has no sequence number yet and stays last.
  const key = (m: Message) => (m.seq > 0 ? m.seq : Number.MAX_SAFE_INTEGER);
  return [...others, message].sort((a, b) => key(a) - key(b));
}

export function applyDelta(live: Live, e: FeedEvents["delta"]): Live {
  const text = live.turn?.id === e.turnId ? live.turn.text : "";
  // The offset says where it belongs. A piece seen already changes nothing; a gap shows what came, rather than nothing.
  const next = e.offset <= text.length ? text.slice(0, e.offset) + e.text : text + e.text;
  if (e.offset < text.length && next.length <= text.length) return live;
  return { ...live, turn: { id: e.turnId, text: next, sources: live.turn?.id === e.turnId ? live.turn.sources : [] }, lastError: null };
}

export function applyLive(live: Live, type: keyof FeedEvents, data: unknown, now: number): Live {
  switch (type) {
    case "accepted":
      return { ...live, typing: live.typing?.who === "end_user" ? null : live.typing, lastError: null };
    case "sources": {
      const e = data as FeedEvents["sources"];
      return { ...live, turn: { id: e.turnId, text: live.turn?.id === e.turnId ? live.turn.text : "", sources: e.sources }, lastError: null };
    }
    case "delta":
      return applyDelta(live, data as FeedEvents["delta"]);
    case "replaced": {
      const e = data as FeedEvents["replaced"];
      return live.turn?.id === e.turnId ? { ...live, turn: { ...live.turn, text: "" } } : live;
    }
    case "message": {
      const { message } = data as FeedEvents["message"];
      const turn = message.authorKind === "assistant" && (message.turnId === null || message.turnId === live.turn?.id) ? null : live.turn;
      const typing = live.typing && live.typing.who === message.authorKind ? null : live.typing;
      return { ...live, turn, typing };
    }
    case "done":
      return live.turn?.id === (data as FeedEvents["done"]).turnId ? { ...live, turn: null } : live;
    case "error": {
      const e = data as FeedEvents["error"];
      return { ...live, turn: live.turn?.id === e.turnId ? null : live.turn, lastError: e.text };
    }
    case "presence": {
      const e = data as FeedEvents["presence"];
      return { ...live, typing: e.typing ? { who: e.who, until: now + typingMs } : live.typing?.who === e.who ? null : live.typing };
    }
    case "closed":
      return idle;
    default:
      return live;
  }
}

export type ListFilter = { status?: string | undefined; owner?: string | undefined; channel?: string | undefined; agentId?: string | undefined; q?: string | undefined };

export function fits(c: ConversationSummary, f: ListFilter): boolean {
  return (!f.status || c.status === f.status) && (!f.owner || c.owner === f.owner) && (!f.channel || c.channel === f.channel) && (!f.agentId || c.agentId === f.agentId);
}

/** Puts a changed conversation where it belongs in a list, newest first, or takes it out. */
export function placeSummary(list: readonly ConversationSummary[], c: ConversationSummary, filter: ListFilter, complete: boolean): ConversationSummary[] {
  const known = list.find((x) => x.id === c.id);
  // Events may overtake each other between nodes: what is older than what we show is not applied.
  if (known && known.updatedAt > c.updatedAt) return [...list];
  const others = list.filter((x) => x.id !== c.id);
  // Whether a search matches only the server knows: a hit stays a hit, a new one waits for the next fetch.
  if (!fits(c, filter) || (filter.q && !known)) return others;
  const last = others.at(-1);
  if (!known && !complete && last && c.updatedAt < last.updatedAt) return others;
  return [...others, c].sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : a.updatedAt > b.updatedAt ? -1 : 0));
}

export function mergeConversation(old: Conversation, c: ConversationSummary): Conversation {
  return old.updatedAt > c.updatedAt ? old : { ...old, ...c };
}

export function mergeImport(old: Import, e: FeedEvents["import"]): Import {
  const rank: Record<Import["state"], number> = { uploading: 0, crawling: 0, queued: 1, running: 2, succeeded: 3, failed: 3, cancelled: 3 };
  // A late notice of an earlier state would make progress run backwards.
  if (rank[e.state] < rank[old.state]) return old;
  const { importId, ...counts } = e;
  return { ...old, ...counts, id: importId };
}

const weight: Record<Priority, number> = { urgent: 0, high: 1, medium: 2, low: 3 };

/** The queue as agents work it: most pressing first, then who has waited longest. */
export function queueOrder(a: ConversationSummary, b: ConversationSummary): number {
  const byPriority = weight[a.handoff?.priority ?? "low"] - weight[b.handoff?.priority ?? "low"];
  return byPriority || (a.handoff?.createdAt ?? a.updatedAt).localeCompare(b.handoff?.createdAt ?? b.updatedAt);
}

