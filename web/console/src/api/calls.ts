/** One function per endpoint that the console calls. */
import { addressOf, get, patch, post, put, remove, request, upload } from "./http.ts";
import type * as T from "./types.ts";

type List = { cursor?: string | undefined; limit?: number | undefined };
type Sig = { signal?: AbortSignal };

/** The description says "string" where the contract says a word: here, and only here and in quality.ts, it is taken at its word. */
export const as = <R>(answer: Promise<unknown>) => answer as Promise<R>;

/** What is looked for in the audit log. */
export type AuditFilter = { q?: string | undefined; memberId?: string | undefined };

export const auth = {
  session: (s?: Sig) => get("/v1/auth/session", { anonymous: true, ...s }),
  signIn: (email: string, password: string, passcode?: string) => post("/v1/auth/sign-in", { body: { email, password, ...(passcode && { passcode }) }, anonymous: true }),
  signOut: () => post("/v1/auth/sign-out", { anonymous: true }),
  switchTenant: (tenantId: string) => post("/v1/auth/tenant", { body: { tenantId } }),
  password: (current: string, next: string) => post("/v1/auth/password", { body: { current, next } }),
  join: (code: string) => post("/v1/auth/invitations", { body: { code } }),
  useLink: (link: string, password: string) => post("/v1/auth/password-link", { body: { link, password }, anonymous: true }),
  rename: (name: string) => patch("/v1/auth/profile", { body: { name } }),
  sessions: (s?: Sig) => get("/v1/auth/sessions", s),
  endSession: (id: string) => remove("/v1/auth/sessions/{id}", { path: { id } }),
  endOthers: () => post("/v1/auth/sessions/end-others"),
  secondFactor: (s?: Sig) => get("/v1/auth/second-factor", s),
  beginSecondFactor: (password: string) => post("/v1/auth/second-factor", { body: { password } }),
  confirmSecondFactor: (passcode: string) => post("/v1/auth/second-factor/confirm", { body: { passcode } }),
  replaceRecoveryCodes: (passcode: string) => post("/v1/auth/second-factor/recovery-codes", { body: { passcode } }),
  disableSecondFactor: (password: string, passcode: string) => post("/v1/auth/second-factor/disable", { body: { password, passcode } }),
};

export const team = {
  members: (s?: Sig) => get("/v1/members", { query: { limit: 200 }, ...s }),
  roles: (s?: Sig) => get("/v1/roles", s),
  add: (body: { email: string; name: string; role: string }) => post("/v1/members", { body }),
  setRole: (userId: string, role: string) => patch("/v1/members/{userId}", { path: { userId }, body: { role } }),
  remove: (userId: string) => remove("/v1/members/{userId}", { path: { userId } }),
  createRole: (body: { name: string; permissions: string[]; requiresSecondFactor: boolean }) => post("/v1/roles", { body }),
  changeRole: (roleKey: string, body: { name?: string; permissions?: string[]; requiresSecondFactor?: boolean }) => patch("/v1/roles/{roleKey}", { path: { roleKey }, body }),
  removeRole: (roleKey: string) => remove("/v1/roles/{roleKey}", { path: { roleKey } }),
  passwordLink: (userId: string) => post("/v1/members/{userId}/password-link", { path: { userId } }),
  resetSecondFactor: (userId: string) => remove("/v1/members/{userId}/second-factor", { path: { userId } }),
  resetPassword: (userId: string) => post("/v1/members/{userId}/password", { path: { userId } }),
  invite: (body: { email: string; role: string }) => post("/v1/invitations", { body }),
  invitations: (s?: Sig) => get("/v1/invitations", { query: { limit: 200 }, ...s }),
  withdraw: (id: string) => remove("/v1/invitations/{id}", { path: { id } }),
  keys: (s?: Sig) => get("/v1/api-keys", { query: { limit: 200 }, ...s }),
  createKey: (body: { name: string; scopes: string[]; expiresAt?: string }) => post("/v1/api-keys", { body }),
  revokeKey: (id: string) => remove("/v1/api-keys/{id}", { path: { id } }),
  permissions: (s?: Sig) => get("/v1/permissions", s),
  audit: (query: List & AuditFilter, s?: Sig) => get("/v1/audit", { query, ...s }),
  auditFile: (filter: AuditFilter) => addressOf("/v1/audit/export", { query: filter }),
};

export const knowledge = {
  sources: (s?: Sig) => as<T.Page<T.Source>>(get("/v1/knowledge/sources", { query: { limit: 200 }, ...s })),
  source: (sourceId: string, s?: Sig) => as<T.Source>(get("/v1/knowledge/sources/{sourceId}", { path: { sourceId }, ...s })),
  updateSource: (sourceId: string, body: { name?: string; audience?: string; language?: string }) => as<T.Source>(patch("/v1/knowledge/sources/{sourceId}", { path: { sourceId }, body })),
  removeSource: (sourceId: string) => remove("/v1/knowledge/sources/{sourceId}", { path: { sourceId } }),
  documents: (query: List & { sourceId?: string | undefined; q?: string | undefined }, s?: Sig) => get("/v1/knowledge/documents", { query, ...s }),
  document: (documentId: string, s?: Sig) => get("/v1/knowledge/documents/{documentId}", { path: { documentId }, ...s }),
  removeDocument: (documentId: string) => remove("/v1/knowledge/documents/{documentId}", { path: { documentId } }),
  imports: (query: List & { sourceId?: string }, s?: Sig) => as<T.Page<T.Import>>(get("/v1/knowledge/imports", { query, ...s })),
  import: (importId: string, s?: Sig) => as<T.Import>(get("/v1/knowledge/imports/{importId}", { path: { importId }, ...s })),
  importFiles: (importId: string, query: List & { state?: T.ImportFile["state"] }, s?: Sig) =>
    as<T.Page<T.ImportFile>>(get("/v1/knowledge/imports/{importId}/files", { path: { importId }, query, ...s })),
  createImport: (body: { sourceId?: string; name?: string; mode: "complete" | "partial" }) => as<T.Import>(post("/v1/knowledge/imports", { body })),
  uploadFiles: (importId: string, form: FormData, s?: Sig) => upload<T.UploadedFiles>(`/v1/knowledge/imports/${encodeURIComponent(importId)}/files`, form, s?.signal),
  startImport: (importId: string) => as<T.Import>(post("/v1/knowledge/imports/{importId}/start", { path: { importId } })),
  cancelImport: (importId: string) => as<T.Import>(post("/v1/knowledge/imports/{importId}/cancel", { path: { importId } })),
};

export const review = {
  findings: (query: List & { kind?: string | undefined; state?: string | undefined; sourceId?: string | undefined }, s?: Sig) => as<T.Page<T.Finding>>(get("/v1/knowledge/findings", { query, ...s })),
  dismiss: (findingId: string) => post("/v1/knowledge/findings/{findingId}/dismiss", { path: { findingId } }),
  reopen: (findingId: string) => post("/v1/knowledge/findings/{findingId}/reopen", { path: { findingId } }),
  again: () => post("/v1/knowledge/review"),
  versions: (documentId: string, s?: Sig) => as<{ items: T.DocumentVersion[] }>(get("/v1/knowledge/documents/{documentId}/versions", { path: { documentId }, ...s })),
  diff: (documentId: string, from: number, to: number, s?: Sig) => as<T.DocumentDiff>(get("/v1/knowledge/documents/{documentId}/diff", { path: { documentId }, query: { from, to }, ...s })),
  canaries: (s?: Sig) => as<{ items: T.Canary[] }>(get("/v1/quality/canaries", s)),
  setCanary: (sourceId: string, question: string) => as<T.Canary>(put("/v1/quality/canaries/{sourceId}", { path: { sourceId }, body: { question } })),
  removeCanary: (sourceId: string) => remove("/v1/quality/canaries/{sourceId}", { path: { sourceId } }),
};

export const websites = {
  preview: (body: T.Website) => as<T.Crawl>(post("/v1/knowledge/websites/preview", { body })),
  add: (body: T.Website & { name?: string; audience: string; language?: string; scheduleHours?: number }) => as<{ source: T.Source; import: T.Import }>(post("/v1/knowledge/websites", { body })),
  change: (websiteId: string, body: Omit<T.Website, "url"> & { scheduleHours: number }) => as<T.Source>(patch("/v1/knowledge/websites/{websiteId}", { path: { websiteId }, body })),
  run: (websiteId: string, acceptRemovals: boolean) => as<T.Import>(post("/v1/knowledge/websites/{websiteId}/run", { path: { websiteId }, body: { acceptRemovals } })),
  pause: (websiteId: string) => as<T.Source>(post("/v1/knowledge/websites/{websiteId}/pause", { path: { websiteId } })),
  resume: (websiteId: string) => as<T.Source>(post("/v1/knowledge/websites/{websiteId}/resume", { path: { websiteId } })),
  pages: (websiteId: string, query: { state?: T.WebPageState | undefined; after?: string | undefined }, s?: Sig) =>
    as<T.Page<T.WebPage>>(get("/v1/knowledge/websites/{websiteId}/pages", { path: { websiteId }, query, ...s })),
  crawl: (crawlId: string, s?: Sig) => as<T.Crawl>(get("/v1/knowledge/crawls/{crawlId}", { path: { crawlId }, ...s })),
  crawlPages: (crawlId: string, query: List & { state?: T.CrawlPageState | undefined }, s?: Sig) =>
    as<T.Page<T.CrawlPage>>(get("/v1/knowledge/crawls/{crawlId}/pages", { path: { crawlId }, query, ...s })),
};

type Text = { articleId: string; locale: string };

export const articles = {
  list: (query: List & { collectionId?: string | undefined; state?: string | undefined; locale?: string | undefined; q?: string | undefined }, s?: Sig) =>
    as<T.Page<T.ArticleItem>>(get("/v1/knowledge/articles", { query, ...s })),
  one: (articleId: string, s?: Sig) => as<T.Article>(get("/v1/knowledge/articles/{articleId}", { path: { articleId }, ...s })),
  create: (body: { locale: string; title: string; body: string; collectionId?: string }) => as<T.Article>(post("/v1/knowledge/articles", { body })),
  move: (articleId: string, collectionId: string | null) =>
    as<T.Article>(patch("/v1/knowledge/articles/{articleId}", { path: { articleId }, body: collectionId ? { collectionId } : { noCollection: true } })),
  save: (path: Text, body: { title: string; body: string; revision?: number }) => as<T.Article>(put("/v1/knowledge/articles/{articleId}/texts/{locale}", { path, body })),
  review: (path: Text) => as<T.Article>(post("/v1/knowledge/articles/{articleId}/texts/{locale}/review", { path })),
  publish: (path: Text) => as<T.Article>(post("/v1/knowledge/articles/{articleId}/texts/{locale}/publish", { path })),
  unpublish: (path: Text) => as<T.Article>(post("/v1/knowledge/articles/{articleId}/texts/{locale}/unpublish", { path })),
  versions: (path: Text, s?: Sig) => as<{ items: T.ArticleVersion[] }>(get("/v1/knowledge/articles/{articleId}/texts/{locale}/versions", { path, ...s })),
  version: (path: Text & { version: number }, s?: Sig) => as<T.ArticleVersion>(get("/v1/knowledge/articles/{articleId}/texts/{locale}/versions/{version}", { path, ...s })),
  remove: (articleId: string) => remove("/v1/knowledge/articles/{articleId}", { path: { articleId } }),
  collections: (s?: Sig) => as<{ items: T.Collection[] }>(get("/v1/knowledge/collections", s)),
  addCollection: (body: { name: string; description: string }) => as<T.Collection>(post("/v1/knowledge/collections", { body })),
  changeCollection: (collectionId: string, body: { name: string; description: string }) => as<T.Collection>(patch("/v1/knowledge/collections/{collectionId}", { path: { collectionId }, body })),
  removeCollection: (collectionId: string) => remove("/v1/knowledge/collections/{collectionId}", { path: { collectionId } }),
};

export type ConversationFilter = {
  status?: string | undefined;
  owner?: string | undefined;
  channel?: string | undefined;
  agentId?: string | undefined;
  q?: string | undefined;
};

export const conversations = {
  list: (query: ConversationFilter & List, s?: Sig) => as<T.Page<T.ConversationSummary>>(get("/v1/conversations", { query, ...s })),
  one: (id: string, s?: Sig) => as<T.Conversation>(get("/v1/conversations/{id}", { path: { id }, ...s })),
  messages: (id: string, query: { after?: number; limit?: number }, s?: Sig) => as<T.Page<T.Message>>(get("/v1/conversations/{id}/messages", { path: { id }, query, ...s })),
  send: (id: string, body: { text: string; visibility: "public" | "note" }, key: string) =>
    as<T.Message>(post("/v1/conversations/{id}/messages", { path: { id }, body, headers: { "Idempotency-Key": key } })),
  close: (id: string, body: { resolved: boolean; note?: string }) => as<T.Conversation>(post("/v1/conversations/{id}/close", { path: { id }, body })),
  typing: (id: string) => post("/v1/conversations/{id}/typing", { path: { id } }),
  takeOver: (id: string) => as<T.Handoff>(post("/v1/conversations/{id}/handoff", { path: { id }, body: {} })),
  turns: (id: string, s?: Sig) => request<T.Page<T.TurnSummary>>("get", `/v1/conversations/${id}/turns`, s),
  turn: (id: string, s?: Sig) => request<T.Turn>("get", `/v1/turns/${id}`, s),
};

export const handoffs = {
  one: (id: string, s?: Sig) => as<T.HandoffDetail>(get("/v1/handoffs/{id}", { path: { id }, ...s })),
  accept: (id: string) => as<T.Handoff>(post("/v1/handoffs/{id}/accept", { path: { id }, body: {} })),
  giveBack: (id: string, note?: string) => as<T.Handoff>(post("/v1/handoffs/{id}/return", { path: { id }, body: { ...(note && { note }) } })),
  close: (id: string, body: { resolved: boolean; note?: string }) => as<T.Handoff>(post("/v1/handoffs/{id}/close", { path: { id }, body })),
};

export const assistant = {
  list: (s?: Sig) => get("/v1/assistants", s),
  one: (id: string, s?: Sig) => get("/v1/assistants/{id}", { path: { id }, ...s }),
  saveProfile: (id: string, body: T.AssistantProfile) => put("/v1/assistants/{id}/profile", { path: { id }, body }),
  ask: (body: { question: string; history?: T.AskHistory[] }, s?: Sig) => as<T.AskResult>(post("/v1/assistant/ask", { body, ...s })),
};

export const escalations = {
  settings: (s?: Sig) => as<T.EscalationSettings>(get("/v1/escalations/settings", s)),
  save: (body: Partial<T.EscalationSettings>) => as<T.EscalationSettings>(request("put", "/v1/escalations/settings", { body })),
};

export type TaskFilter = { state?: string; ownerId?: string; conversationId?: string; overdue?: boolean; order?: string };

export const tasks = {
  list: (query: TaskFilter & List, s?: Sig) => as<T.Page<T.Task>>(get("/v1/tasks", { query, ...s })),
  add: (body: { title: string; conversationId?: string; ownerId?: string; dueAt?: string }) => as<T.Task>(post("/v1/tasks", { body })),
  change: (id: string, body: { title?: string; state?: T.TaskState; ownerId?: string; dueAt?: string; noOwner?: boolean; noDueAt?: boolean }) =>
    as<T.Task>(patch("/v1/tasks/{id}", { path: { id }, body })),
};

export const jobs = {
  dead: (query: List, s?: Sig) => get("/v1/jobs/dead", { query, ...s }),
  retry: (id: string) => post("/v1/jobs/{id}/retry", { path: { id } }),
  discard: (id: string) => remove("/v1/jobs/{id}", { path: { id } }),
};

export const widgets = {
  list: (s?: Sig) => get("/v1/widgets", s),
  update: (id: string, body: { name?: string; allowedOrigins?: string[]; settings?: T.WidgetSettings }) => patch("/v1/widgets/{id}", { path: { id }, body }),
};
