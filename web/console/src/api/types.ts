/** The console's names for the shapes of the API, with the words of each state in place of "string". */
import type { components } from "./schema.gen.ts";
import type { Refine, Whole } from "./shapes.ts";

type S = components["schemas"];
type V<K extends keyof S> = Whole<S[K]>;

export type Page<T> = { items: T[]; next: string | null };

export type Session = V<"Session">;
export type Member = V<"Member">;
export type NewMember = V<"AddedMember">;
export type Invitation = V<"Invitation">;
export type NewInvitation = V<"CreatedInvitation">;
export type Role = V<"Role">;
export type ApiKey = V<"ApiKey">;
export type NewApiKey = V<"CreatedApiKey">;
export type AuditEntry = V<"AuditEntry">;

export type ImportState = "uploading" | "queued" | "running" | "succeeded" | "failed" | "cancelled";
export type Source = Refine<V<"SourceView">, { state: "active" | "paused" | "deleting"; lastImport: Refine<V<"LastImport">, { state: ImportState }> | null }>;
export type Import = Refine<V<"ImportView">, { state: ImportState; mode: "complete" | "partial" }>;
export type ImportFile = Refine<V<"ImportFileView">, { state: "pending" | "added" | "changed" | "unchanged" | "failed" }>;
export type UploadedFiles = V<"UploadedFiles">;
export type DocumentSummary = V<"DocumentView">;
export type DocumentDetail = V<"DocumentDetail">;

export type AuthorKind = "end_user" | "assistant" | "agent" | "system";
export type Citation = { documentId: string; sourceId: string; title: string; url: string | null; anchor: string | null; quote: string; chunkId: string };
export type Part =
  | { type: "text"; content: { text: string; citations?: number[] } }
  | { type: "quote"; content: Citation }
  | { type: "image" | "file" | "audio" | "transcript" | "frame" | "card" | "form"; content: Record<string, unknown> };
export type Message = Refine<V<"MessageView">, { authorKind: AuthorKind; visibility: "public" | "note"; delivery: "pending" | "sent" | "delivered" | "failed"; parts: Part[] }>;

export type Priority = "low" | "medium" | "high" | "urgent";
export type HandoffState = "requested" | "acknowledged" | "queued" | "offered" | "accepted" | "returned" | "closed" | "expired" | "out_of_hours";
type SummaryWords = {
  status: "open" | "closed";
  owner: "assistant" | "queue" | "agent";
  lastMessage: Refine<V<"LastMessageView">, { kind: AuthorKind }> | null;
  handoff: Refine<V<"HandoffSummary">, { state: HandoffState; priority: Priority }> | null;
};
export type ConversationSummary = Refine<V<"ConversationSummary">, SummaryWords>;
export type Conversation = Refine<V<"ConversationDetail">, SummaryWords>;
export type Handoff = {
  id: string;
  conversationId: string;
  state: HandoffState;
  priority: Priority;
  reasons: string[];
  summary: string;
  requestedBy: AuthorKind;
  agentId: string | null;
  agentName: string | null;
  position: number | null;
  createdAt: string;
  acceptedAt: string | null;
  endedAt: string | null;
};
export type HandoffTransition = { fromState: HandoffState | null; toState: HandoffState; actorKind: AuthorKind; reason: string | null; at: string };
export type HandoffDetail = Handoff & { transitions: HandoffTransition[] };

export type Outcome = "answered" | "clarified" | "abstained" | "handed_off" | "small_talk";
export type TurnSummary = {
  id: string;
  messageId: string;
  state: string;
  outcome: Outcome | null;
  confidence: number | null;
  tier: string | null;
  language: string | null;
  intent: string | null;
  timings: Record<string, number>;
  createdAt: string;
  finishedAt: string | null;
};
export type Step = { name: string; durationUs: number; data: Record<string, unknown> };
export type Turn = TurnSummary & {
  evidence: { chunkId: string; version: number; documentId: string; score: number }[];
  versions: Record<string, unknown>;
  steps: Step[];
};

export type AskRequest = { question: string; history?: { role: "customer" | "assistant"; text: string }[]; assistantId?: string };
export type AskResult = {
  outcome: Outcome;
  answer: string;
  confidence: number;
  citations: Citation[];
  language: string | null;
  tier: string;
  cost: number;
  timingsMs: Record<string, number>;
  traceId: string;
  threshold: number;
  analysis: { language: string | null; intent: string; questionType: string; sentiment: string; complexity: number };
  retrieval: {
    documents: { documentId: string; title: string; url: string | null; score: number; legs: Record<string, number>; ideal: number }[];
    chunks: { chunkId: string; documentId: string; headingPath: string[]; text: string; score: number; highlights: Highlight[] }[];
  };
  steps: Step[];
};
export type Highlight = { start: number; length: number };

export type WidgetSettings = V<"WidgetSettings">;
export type Widget = V<"WidgetView">;
