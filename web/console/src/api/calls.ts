/** One function per endpoint that the console calls. */
import { request } from "./http.ts";
import type * as T from "./types.ts";

type List = { cursor?: string | undefined; limit?: number | undefined };
type Sig = { signal?: AbortSignal };
const get = <R>(path: string, query?: Record<string, string | number | boolean | null | undefined>, s?: Sig) =>
  request<R>("GET", path, { ...(query && { query }), ...s });
const id = encodeURIComponent;

export const auth = {
  session: (s?: Sig) => request<T.Session>("GET", "/v1/auth/session", { anonymous: true, ...s }),
  signIn: (email: string, password: string) => request<T.Session>("POST", "/v1/auth/sign-in", { body: { email, password }, anonymous: true }),
  signOut: () => request<undefined>("POST", "/v1/auth/sign-out", { anonymous: true }),
  switchTenant: (tenantId: string) => request<T.Session>("POST", "/v1/auth/tenant", { body: { tenantId } }),
  password: (current: string, next: string) => request<undefined>("POST", "/v1/auth/password", { body: { current, next } }),
};

export const team = {
  members: (s?: Sig) => get<T.Page<T.Member>>("/v1/members", undefined, s),
  roles: (s?: Sig) => get<T.Page<T.Role>>("/v1/roles", undefined, s),
  add: (body: { email: string; name: string; role: string }) => request<T.NewMember>("POST", "/v1/members", { body }),
  setRole: (userId: string, role: string) => request<T.Member>("PATCH", `/v1/members/${id(userId)}`, { body: { role } }),
  remove: (userId: string) => request<undefined>("DELETE", `/v1/members/${id(userId)}`),
  keys: (s?: Sig) => get<T.Page<T.ApiKey>>("/v1/api-keys", undefined, s),
  createKey: (body: { name: string; scopes: string[]; expiresAt?: string }) => request<T.NewApiKey>("POST", "/v1/api-keys", { body }),
  revokeKey: (keyId: string) => request<undefined>("DELETE", `/v1/api-keys/${id(keyId)}`),
  permissions: (s?: Sig) => get<T.Page<{ key: string }>>("/v1/permissions", undefined, s),
  audit: (q: List, s?: Sig) => get<T.Page<T.AuditEntry>>("/v1/audit", q, s),
};

export const knowledge = {
  sources: (s?: Sig) => get<T.Page<T.Source>>("/v1/knowledge/sources", { limit: 200 }, s),
  source: (sourceId: string, s?: Sig) => get<T.Source>(`/v1/knowledge/sources/${id(sourceId)}`, undefined, s),
  updateSource: (sourceId: string, body: { name?: string; audience?: string; language?: string | null }) =>
    request<T.Source>("PATCH", `/v1/knowledge/sources/${id(sourceId)}`, { body }),
  removeSource: (sourceId: string) => request<undefined>("DELETE", `/v1/knowledge/sources/${id(sourceId)}`),
  documents: (q: List & { sourceId?: string | undefined; q?: string | undefined }, s?: Sig) => get<T.Page<T.DocumentSummary>>("/v1/knowledge/documents", q, s),
  document: (documentId: string, s?: Sig) => get<T.DocumentDetail>(`/v1/knowledge/documents/${id(documentId)}`, undefined, s),
  removeDocument: (documentId: string) => request<undefined>("DELETE", `/v1/knowledge/documents/${id(documentId)}`),
  imports: (q: List & { sourceId?: string }, s?: Sig) => get<T.Page<T.Import>>("/v1/knowledge/imports", q, s),
  import: (importId: string, s?: Sig) => get<T.Import>(`/v1/knowledge/imports/${id(importId)}`, undefined, s),
  importFiles: (importId: string, q: List & { state?: T.ImportFile["state"] }, s?: Sig) =>
    get<T.Page<T.ImportFile>>(`/v1/knowledge/imports/${id(importId)}/files`, q, s),
  createImport: (body: { sourceId?: string; name?: string; mode: "complete" | "partial" }) => request<T.Import>("POST", "/v1/knowledge/imports", { body }),
  uploadFiles: (importId: string, form: FormData, s?: Sig) =>
    request<{ accepted: number; rejected: { path: string; reason: string }[] }>("POST", `/v1/knowledge/imports/${id(importId)}/files`, { form, ...s }),
  startImport: (importId: string) => request<T.Import>("POST", `/v1/knowledge/imports/${id(importId)}/start`),
  cancelImport: (importId: string) => request<T.Import>("POST", `/v1/knowledge/imports/${id(importId)}/cancel`),
};

export type ConversationFilter = {
  status?: string | undefined;
  owner?: string | undefined;
  channel?: string | undefined;
  agentId?: string | undefined;
  q?: string | undefined;
};

export const conversations = {
  list: (q: ConversationFilter & List, s?: Sig) => get<T.Page<T.ConversationSummary>>("/v1/conversations", q, s),
  one: (conversationId: string, s?: Sig) => get<T.Conversation>(`/v1/conversations/${id(conversationId)}`, undefined, s),
  messages: (conversationId: string, q: List & { after?: number }, s?: Sig) =>
    get<T.Page<T.Message>>(`/v1/conversations/${id(conversationId)}/messages`, q, s),
  send: (conversationId: string, body: { text: string; visibility: "public" | "note" }, key: string) =>
    request<T.Message>("POST", `/v1/conversations/${id(conversationId)}/messages`, { body, headers: { "Idempotency-Key": key } }),
  close: (conversationId: string, body: { resolved: boolean; note?: string }) =>
    request<T.Conversation>("POST", `/v1/conversations/${id(conversationId)}/close`, { body }),
  takeOver: (conversationId: string) => request<T.Handoff>("POST", `/v1/conversations/${id(conversationId)}/handoff`, { body: {} }),
  turns: (conversationId: string, s?: Sig) => get<T.Page<T.TurnSummary>>(`/v1/conversations/${id(conversationId)}/turns`, undefined, s),
  turn: (turnId: string, s?: Sig) => get<T.Turn>(`/v1/turns/${id(turnId)}`, undefined, s),
};

export const handoffs = {
  one: (handoffId: string, s?: Sig) => get<T.HandoffDetail>(`/v1/handoffs/${id(handoffId)}`, undefined, s),
  accept: (handoffId: string) => request<T.Handoff>("POST", `/v1/handoffs/${id(handoffId)}/accept`, { body: {} }),
  giveBack: (handoffId: string, note?: string) => request<T.Handoff>("POST", `/v1/handoffs/${id(handoffId)}/return`, { body: { ...(note && { note }) } }),
  close: (handoffId: string, body: { resolved: boolean; note?: string }) => request<T.Handoff>("POST", `/v1/handoffs/${id(handoffId)}/close`, { body }),
};

export const assistant = {
  ask: (body: T.AskRequest, s?: Sig) => request<T.AskResult>("POST", "/v1/assistant/ask", { body, ...s }),
  list: (s?: Sig) => get<T.Page<T.Assistant>>("/v1/assistants", undefined, s),
};

export const widgets = {
  list: (s?: Sig) => get<T.Page<T.Widget>>("/v1/widgets", undefined, s),
  update: (widgetId: string, body: { name?: string; allowedOrigins?: string[]; settings?: T.WidgetSettings }) =>
    request<T.Widget>("PATCH", `/v1/widgets/${id(widgetId)}`, { body }),
};
