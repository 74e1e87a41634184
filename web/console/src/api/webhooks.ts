/** Webhooks and what was sent to them, apart from the other calls, so that only their own pages fetch them. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { List } from "./calls.ts";
import { get, patch, post, remove } from "./http.ts";
import { paged } from "./queries.ts";
import type { components } from "./schema.gen.ts";
import type { Refine, Whole } from "./shapes.ts";

type V<K extends keyof components["schemas"]> = Whole<components["schemas"][K]>;
type Sig = { signal?: AbortSignal };

export const deliveryStates = ["pending", "delivered", "failed", "cancelled"] as const;
export type DeliveryState = (typeof deliveryStates)[number];
export type Webhook = Refine<V<"WebhookView">, { disabledReason: "gone" | "failing" | null }>;
export type WebhookEvent = V<"WebhookEventType">;
export type Delivery = Refine<V<"WebhookDelivery">, { state: DeliveryState }>;
export type DeliveryDetail = Refine<V<"WebhookDeliveryDetail">, { state: DeliveryState }>;
export type Attempt = V<"WebhookAttempt">;

export type WebhookEntry = { url: string; description: string; events: string[] };

export const webhooks = {
  list: async (s?: Sig) => (await get("/v1/webhooks", s)).items as Webhook[],
  one: async (id: string, s?: Sig) => (await get("/v1/webhooks/{id}", { path: { id }, ...s })) as Webhook,
  events: async (s?: Sig) => (await get("/v1/webhooks/events", s)).items,
  add: (body: WebhookEntry) => post("/v1/webhooks", { body }),
  change: (id: string, body: Partial<WebhookEntry> & { enabled?: boolean; skipMissed?: boolean; version?: number }) => patch("/v1/webhooks/{id}", { path: { id }, body }),
  remove: (id: string) => remove("/v1/webhooks/{id}", { path: { id } }),
  rotate: (id: string) => post("/v1/webhooks/{id}/secret", { path: { id } }),
  test: async (id: string) => (await post("/v1/webhooks/{id}/test", { path: { id } })) as DeliveryDetail,
  deliveries: async (id: string, query: List & { state?: string | undefined }, s?: Sig) => {
    const page = await get("/v1/webhooks/{id}/deliveries", { path: { id }, query, ...s });
    return { ...page, items: page.items as Delivery[] };
  },
  delivery: async (deliveryId: string, s?: Sig) => (await get("/v1/webhooks/deliveries/{deliveryId}", { path: { deliveryId }, ...s })) as DeliveryDetail,
  resend: (deliveryId: string) => post("/v1/webhooks/deliveries/{deliveryId}/replay", { path: { deliveryId } }),
  resendFailed: (id: string, since: string) => post("/v1/webhooks/{id}/replay", { path: { id }, body: { since } }),
};

/** What is on its way changes by itself, and whoever looks at an open page waits for what comes next. */
const while_ = (moving: boolean) => (moving ? 2_000 : 5_000);

export const webhookQueries = {
  all: queryOptions({ queryKey: ["webhooks"], queryFn: ({ signal }) => webhooks.list({ signal }) }),
  one: (id: string) =>
    queryOptions({ queryKey: ["webhooks", id], queryFn: ({ signal }) => webhooks.one(id, { signal }), refetchInterval: (q) => while_((q.state.data?.waiting ?? 0) > 0) }),
  events: queryOptions({ queryKey: ["webhook-events"], queryFn: ({ signal }) => webhooks.events({ signal }), staleTime: Infinity }),
  deliveries: (id: string, state: string | undefined) =>
    infiniteQueryOptions({
      queryKey: ["webhooks", id, "deliveries", state] as const,
      queryFn: ({ pageParam, signal }) => webhooks.deliveries(id, { cursor: pageParam, state }, { signal }),
      placeholderData: keepPreviousData,
      refetchInterval: (q) => while_(q.state.data?.pages.some((p) => p.items.some((d) => d.state === "pending")) ?? false),
      ...paged,
    }),
  delivery: (id: string) =>
    queryOptions({ queryKey: ["webhook-delivery", id], queryFn: ({ signal }) => webhooks.delivery(id, { signal }), refetchInterval: (q) => (q.state.data?.state === "pending" ? 3_000 : false) }),
};
