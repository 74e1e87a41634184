/** Retention, exports and deleting for good, apart from the other calls, so that only their own pages fetch them. */
import { queryOptions } from "@tanstack/react-query";
import { get, post, put } from "./http.ts";
import type { components } from "./schema.gen.ts";
import type { Refine, Whole } from "./shapes.ts";

type V<K extends keyof components["schemas"]> = Whole<components["schemas"][K]>;
type Sig = { signal?: AbortSignal };

export type Retention = V<"RetentionView">;
export type RetentionEntry = { conversationDays: number | null; traceDays: number | null; auditDays: number | null };
export type WorkspaceExport = Refine<V<"WorkspaceExport">, { state: "queued" | "running" | "ready" | "failed" | "expired" }>;
export type Confirmation = { confirm: string; password: string; passcode: string | null };

export const privacy = {
  retention: async (s?: Sig) => (await get("/v1/retention", s)) as Retention,
  preview: async (body: RetentionEntry) => (await post("/v1/retention/preview", { body })) as V<"RetentionPreview">,
  save: async (body: RetentionEntry & { version: number }) => (await put("/v1/retention", { body })) as Retention,
  exports: async (s?: Sig) => (await get("/v1/workspace/exports", s)).items as WorkspaceExport[],
  startExport: () => post("/v1/workspace/exports"),
  exportLink: (id: string) => post("/v1/workspace/exports/{id}/link", { path: { id } }),
  eraseAll: (body: Confirmation) => post("/v1/workspace/erase-conversations", { body }),
  deleteWorkspace: (body: Confirmation) => post("/v1/workspace/delete", { body }),
  eraseConversation: (id: string, confirm: string) => post("/v1/conversations/{id}/erase", { path: { id }, body: { confirm } }),
  customer: async (id: string, s?: Sig) => (await get("/v1/customers/{id}", { path: { id }, ...s })) as V<"Customer">,
  eraseCustomer: (id: string, confirm: string) => post("/v1/customers/{id}/erase", { path: { id }, body: { confirm } }),
};

const moving = (e: WorkspaceExport) => e.state === "queued" || e.state === "running";

export const privacyQueries = {
  retention: queryOptions({ queryKey: ["retention"], queryFn: ({ signal }) => privacy.retention({ signal }) }),
  exports: queryOptions({ queryKey: ["exports"], queryFn: ({ signal }) => privacy.exports({ signal }), refetchInterval: (q) => (q.state.data?.some(moving) ? 1_000 : false) }),
  customer: (id: string) => queryOptions({ queryKey: ["customer", id], queryFn: ({ signal }) => privacy.customer(id, { signal }) }),
};
