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
export type OwnSession = V<"OwnSessionItem">;
export type ApiKey = V<"ApiKey">;
export type NewApiKey = V<"CreatedApiKey">;
export type AuditEntry = V<"AuditEntry">;

export type ImportState = "uploading" | "crawling" | "queued" | "running" | "succeeded" | "failed" | "cancelled";
export type SourceKind = "upload" | "folder" | "website" | "articles";
export type Audience = "public" | "customers" | "internal";
export type Source = Refine<V<"SourceView">, { kind: SourceKind; audience: Audience; state: "active" | "paused" | "deleting"; website: CrawlSettings | null; lastImport: Refine<V<"LastImport">, { state: ImportState }> | null }>;
export type Import = Refine<V<"ImportView">, { state: ImportState; mode: "complete" | "partial" }>;
export type ImportFile = Refine<V<"ImportFileView">, { state: "pending" | "added" | "changed" | "unchanged" | "failed" }>;
export type UploadedFiles = V<"UploadedFiles">;
export type CrawlSettings = Refine<V<"CrawlSettings">, { scope: "folder" | "site" }>;
export type Crawl = Refine<V<"CrawlView">, { state: "running" | "done" | "failed" | "cancelled"; settings: CrawlSettings }>;
export type CrawlPageState = "pending" | "fetched" | "unchanged" | "skipped" | "failed" | "gone";
export type CrawlPage = Refine<V<"CrawlPageView">, { kind: "page" | "sitemap"; state: CrawlPageState }>;
export type WebPageState = "failing" | "gone" | "changed" | "fresh";
export type WebPage = V<"WebPageView">;
export type Website = { url: string; scope: "folder" | "site"; include: string[]; exclude: string[]; maxPages: number; maxDepth: number };

export type ArticleState = "draft" | "review" | "published";
export type ArticleItem = Refine<V<"ArticleListItem">, { state: ArticleState }>;
export type ArticleText = Refine<V<"ArticleTextView">, { state: ArticleState }>;
export type Article = Refine<V<"ArticleView">, { texts: ArticleText[] }>;
export type ArticleVersion = V<"ArticleVersionView">;
export type Collection = V<"CollectionView">;
export type Finding = Refine<V<"FindingView">, { kind: "duplicate" | "contradiction"; state: "open" | "dismissed" }>;
export type DocumentVersion = V<"DocumentVersionView">;
export type DocumentDiff = Refine<V<"DocumentDiff">, { lines: Refine<V<"DiffLine">, { kind: "same" | "removed" | "added" | "gap" }>[] }>;
export type Canary = Refine<V<"CanaryView">, { state: "unknown" | "answered" | "unanswered" | "gone" | "leaking" }>;
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
type HandoffWords = { state: HandoffState; priority: Priority };
export type Handoff = Refine<V<"HandoffItem">, HandoffWords>;
export type HandoffDetail = Refine<V<"HandoffDetail">, HandoffWords>;

export type AssistantProfile = V<"AssistantProfile">;
export type AssistantDetail = V<"AssistantDetail">;
export type Day = "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";
export type OpeningTime = Refine<V<"OpeningTime">, { day: Day }>;
export type ServiceHours = Refine<V<"ServiceHours">, { open: OpeningTime[] }>;
export type TopicRule = Refine<V<"TopicRule">, { priority: Priority }>;
export type EscalationRules = Refine<V<"EscalationRules">, { topics: Record<string, TopicRule> }>;
export type EscalationSettings = { serviceHours: ServiceHours; rules: EscalationRules };

export type TaskState = "open" | "in_progress" | "done" | "cancelled";
export type Task = Refine<V<"TaskItem">, { state: TaskState }>;
export type DeadJob = V<"DeadJob">;

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

export type AskHistory = { role: "customer" | "assistant"; text: string };
export type AskResult = Refine<
  V<"AskAnswer">,
  {
    outcome: Outcome;
    steps: Refine<V<"AskStep">, { data: Record<string, unknown> }>[];
    retrieval: Refine<V<"AskRetrieval">, { documents: Refine<V<"AskDocument">, { legs: Record<string, number> | null }>[] }>;
  }
>;
export type Highlight = V<"AskHighlight">;

export type WidgetSettings = V<"WidgetSettings">;
export type Widget = V<"WidgetView">;
