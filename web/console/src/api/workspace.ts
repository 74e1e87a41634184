/** Calls and keys of Settings and of the rules of handover, apart from the rest: the inbox does not fetch them. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { as, type List, type Sig } from "./calls.ts";
import { addressOf, get, patch, post, remove, request } from "./http.ts";
import { paged } from "./queries.ts";
import type * as T from "./types.ts";

/** What is looked for in the audit log. */
export type AuditFilter = { q?: string | undefined; memberId?: string | undefined };

export const account = {
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


export const escalations = {
  settings: (s?: Sig) => as<T.EscalationSettings>(get("/v1/escalations/settings", s)),
  save: (body: Partial<T.EscalationSettings>) => as<T.EscalationSettings>(request("put", "/v1/escalations/settings", { body })),
};

export const jobs = {
  dead: (query: List, s?: Sig) => get("/v1/jobs/dead", { query, ...s }),
  retry: (id: string) => post("/v1/jobs/{id}/retry", { path: { id } }),
  discard: (id: string) => remove("/v1/jobs/{id}", { path: { id } }),
};

export const queries = {
  roles: queryOptions({ queryKey: ["roles"], queryFn: ({ signal }) => team.roles({ signal }), staleTime: 300_000 }),
  invitations: queryOptions({ queryKey: ["invitations"], queryFn: ({ signal }) => team.invitations({ signal }) }),
  keys: queryOptions({ queryKey: ["api-keys"], queryFn: ({ signal }) => team.keys({ signal }) }),
  permissions: queryOptions({ queryKey: ["permissions"], queryFn: ({ signal }) => team.permissions({ signal }), staleTime: Infinity }),
  ownSessions: queryOptions({ queryKey: ["own-sessions"], queryFn: ({ signal }) => account.sessions({ signal }) }),
  secondFactor: queryOptions({ queryKey: ["second-factor"], queryFn: ({ signal }) => account.secondFactor({ signal }) }),
  audit: (filter: AuditFilter) => infiniteQueryOptions({
    queryKey: ["audit", filter] as const,
    queryFn: ({ pageParam, signal }) => team.audit({ ...filter, cursor: pageParam }, { signal }),
    placeholderData: keepPreviousData,
    ...paged,
  }),
  escalations: queryOptions({ queryKey: ["escalations"], queryFn: ({ signal }) => escalations.settings({ signal }) }),
  deadJobs: infiniteQueryOptions({
    queryKey: ["dead-jobs"] as const,
    queryFn: ({ pageParam, signal }) => jobs.dead({ cursor: pageParam }, { signal }),
    ...paged,
  }),
};
