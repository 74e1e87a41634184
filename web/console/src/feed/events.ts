import type { Citation, ConversationSummary, HandoffState, Import, Message, Outcome, Priority } from "@/api/types";

type InConversation = { conversationId: string; seq: number; at: string; turnId?: string | null };

/** What arrives on GET /v1/feed, by event name. */
export type FeedEvents = {
  ready: { cursor: string };
  reset: Record<string, never>;
  accepted: InConversation & { messageId: string; clientId: string | null; message: Message };
  sources: InConversation & { turnId: string; sources: Citation[] };
  delta: { conversationId: string; turnId: string; offset: number; text: string };
  replaced: InConversation & { turnId: string; reason: string };
  message: InConversation & { message: Message };
  handoff: InConversation & { handoffId: string; state: HandoffState; priority?: Priority; position?: number | null; agent?: { name: string } | null; reasons?: string[] };
  presence: { conversationId: string; who: "agent" | "end_user"; typing: boolean };
  done: InConversation & { turnId: string; outcome: Outcome | null; confidence: number | null; messageId?: string | null };
  error: InConversation & { turnId: string; code: string; text: string };
  closed: InConversation & { by: string; resolved: boolean };
  rated: InConversation & { rating: number };
  conversation: { conversation: ConversationSummary };
  /** Something else than a conversation or an import: what kind of thing, and which. */
  changed: { what: string; id: string | null };
  import: Omit<Import, "id" | "mode" | "error" | "createdAt" | "startedAt" | "finishedAt"> & { importId: string };
};

export type FeedEvent = { [K in keyof FeedEvents]: { type: K; data: FeedEvents[K] } }[keyof FeedEvents];

const types: ReadonlySet<string> = new Set<keyof FeedEvents>([
  "ready",
  "reset",
  "accepted",
  "sources",
  "delta",
  "replaced",
  "message",
  "handoff",
  "presence",
  "done",
  "error",
  "closed",
  "rated",
  "conversation",
  "import",
  "changed",
]);

/** Null for what this version does not know: an older console must survive a newer server. */
export function readEvent(event: string, data: string): FeedEvent | null {
  if (!types.has(event)) return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? ({ type: event, data: value } as FeedEvent) : null;
  } catch {
    return null;
  }
}
