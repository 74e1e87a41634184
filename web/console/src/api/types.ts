/** The shapes of the REST contract that the console uses. */

export type Page<T> = { items: T[]; next: string | null };

export type Session = {
  user: { id: string; email: string; name: string };
  tenant: { id: string; slug: string; name: string } | null;
  tenants: { id: string; slug: string; name: string; role: string }[];
  role: string | null;
  permissions: string[];
  isOperator: boolean;
  mustChangePassword: boolean;
  expiresAt: string;
};

export type Member = { userId: string; email: string; name: string; role: string; disabled: boolean; createdAt: string };
export type NewMember = { userId: string; temporaryPassword: string | null };
export type Role = { key: string; name: string; builtIn: boolean; permissions: string[] };
export type ApiKey = {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  createdAt: string;
  lastUsedAt: string | null;
  expiresAt: string | null;
  revokedAt: string | null;
};
export type NewApiKey = { id: string; name: string; prefix: string; key: string; scopes: string[]; createdAt: string; expiresAt: string | null };
export type AuditEntry = {
  id: string;
  at: string;
  actorKind: "user" | "api_key" | "end_user" | "assistant" | "system" | "operator";
  actorId: string | null;
  actorName: string | null;
  action: string;
  targetKind: string | null;
  targetId: string | null;
  payload: unknown;
};

export type ImportState = "uploading" | "queued" | "running" | "succeeded" | "failed" | "cancelled";
export type Source = {
  id: string;
  kind: "upload" | "folder" | "url" | "sitemap" | "articles";
  canonical: string;
  name: string;
  language: string | null;
  audience: "public" | "customers" | "internal";
  state: "active" | "paused" | "deleting";
  documents: number;
  chunks: number;
  lastImport: { id: string; state: ImportState; finishedAt: string | null } | null;
  createdAt: string;
};
export type Import = {
  id: string;
  sourceId: string;
  state: ImportState;
  mode: "complete" | "partial";
  total: number;
  added: number;
  changed: number;
  unchanged: number;
  removed: number;
  failed: number;
  chunks: number;
  error: string | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
};
export type ImportFile = {
  path: string;
  state: "pending" | "added" | "changed" | "unchanged" | "failed";
  reason: string | null;
  size: number;
  documentId: string | null;
  chunks: number;
};
export type DocumentSummary = {
  id: string;
  sourceId: string;
  path: string;
  title: string;
  url: string | null;
  language: string | null;
  version: number;
  chunks: number;
  byteSize: number;
  updatedAt: string;
};
export type DocumentDetail = DocumentSummary & {
  metadata: Record<string, unknown>;
  sections: {
    id: string;
    headingPath: string[];
    anchor: string | null;
    text: string;
    chunks: { id: string; ordinal: number; kind: "text" | "code" | "table" | "list"; text: string; tokens: number }[];
  }[];
};

export type AuthorKind = "end_user" | "assistant" | "agent" | "system";
export type Citation = {
  documentId: string;
  sourceId: string;
  title: string;
  url: string | null;
  anchor: string | null;
  quote: string;
  chunkId: string;
};
export type Part =
  | { type: "text"; content: { text: string; citations?: number[] } }
  | { type: "quote"; content: Citation }
  | { type: "image" | "file" | "audio" | "transcript" | "frame" | "card" | "form"; content: Record<string, unknown> };
export type Message = {
  id: string;
  conversationId: string;
  seq: number;
  authorKind: AuthorKind;
  authorId: string | null;
  authorName: string | null;
  visibility: "public" | "note";
  modality: string;
  language: string | null;
  replyTo: string | null;
  delivery: "pending" | "sent" | "delivered" | "failed";
  turnId: string | null;
  createdAt: string;
  parts: Part[];
};

export type Priority = "low" | "medium" | "high" | "urgent";
export type HandoffState = "requested" | "acknowledged" | "queued" | "offered" | "accepted" | "returned" | "closed" | "expired" | "out_of_hours";
export type ConversationSummary = {
  id: string;
  status: "open" | "closed";
  owner: "assistant" | "queue" | "agent";
  agentId: string | null;
  agentName: string | null;
  channel: string;
  modality: string;
  locale: string | null;
  subject: string | null;
  endUser: { id: string; name: string | null; email: string | null; verified: boolean };
  lastMessage: { kind: AuthorKind; text: string; at: string } | null;
  handoff: { id: string; state: HandoffState; priority: Priority; reasons: string[]; createdAt: string } | null;
  rating: number | null;
  outcome: string | null;
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
};
export type Resolution = { id: string; class: string; actorKind: AuthorKind; createdAt: string };
export type Conversation = ConversationSummary & { lastSeq: number; resolutions: Resolution[] };
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

export type Assistant = { id: string; name: string; isDefault: boolean; publishedVersion: number | null };
export type WidgetSettings = { title?: string; greeting?: string; color?: string; position?: string; suggestedQuestions?: string[] };
export type Widget = {
  id: string;
  name: string;
  publicKey: string;
  assistantId: string;
  allowedOrigins: string[];
  settings?: WidgetSettings;
  createdAt: string;
};
