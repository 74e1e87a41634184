/** One function per endpoint that the console calls. */
import { get, patch, post, put, remove, request, upload } from "./http.ts";
import type * as T from "./types.ts";

export type List = { cursor?: string | undefined; limit?: number | undefined };
export type Sig = { signal?: AbortSignal };

/** The description says "string" where the contract says a word: here, and only here and in quality.ts, it is taken at its word. */
export const as = <R>(answer: Promise<unknown>) => answer as Promise<R>;

export const auth = {
  session: (s?: Sig) => get("/v1/auth/session", { anonymous: true, ...s }),
  signIn: (email: string, password: string, passcode?: string) => post("/v1/auth/sign-in", { body: { email, password, ...(passcode && { passcode }) }, anonymous: true }),
  signOut: () => post("/v1/auth/sign-out", { anonymous: true }),
  switchTenant: (tenantId: string) => post("/v1/auth/tenant", { body: { tenantId } }),
  password: (current: string, next: string) => post("/v1/auth/password", { body: { current, next } }),
  join: (code: string) => post("/v1/auth/invitations", { body: { code } }),
  useLink: (link: string, password: string) => post("/v1/auth/password-link", { body: { link, password }, anonymous: true }),
};

export const team = {
  members: (s?: Sig) => get("/v1/members", { query: { limit: 200 }, ...s }),
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

export type ConversationFilter = {
  status?: string | undefined;
  owner?: string | undefined;
  channel?: string | undefined;
  outcome?: string | undefined;
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
  ask: (body: { question: string; history?: T.AskHistory[]; profileVersion?: number }, s?: Sig) => as<T.AskResult>(post("/v1/assistant/ask", { body, ...s })),
};

export type TaskFilter = { state?: string; ownerId?: string; conversationId?: string; overdue?: boolean; order?: string };

export const tasks = {
  list: (query: TaskFilter & List, s?: Sig) => as<T.Page<T.Task>>(get("/v1/tasks", { query, ...s })),
  add: (body: { title: string; conversationId?: string; ownerId?: string; dueAt?: string }) => as<T.Task>(post("/v1/tasks", { body })),
  change: (id: string, body: { title?: string; state?: T.TaskState; ownerId?: string; dueAt?: string; noOwner?: boolean; noDueAt?: boolean }) =>
    as<T.Task>(patch("/v1/tasks/{id}", { path: { id }, body })),
};

export const widgets = {
  list: (s?: Sig) => get("/v1/widgets", s),
  add: (body: { name: string; assistantId?: string }) => post("/v1/widgets", { body }),
  remove: (id: string) => remove("/v1/widgets/{id}", { path: { id } }),
  check: (id: string, url: string) => post("/v1/widgets/{id}/check", { path: { id }, body: { url } }),
  update: (id: string, body: { name?: string; allowedOrigins?: string[]; settings?: T.WidgetSettings }) => patch("/v1/widgets/{id}", { path: { id }, body }),
};
