/** Search, tags, saved views and what is done with many conversations: apart from the other calls, so that only their own pages fetch them. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { filterNames, type Filter } from "@/lib/filterNames";
import { as, conversations, type Sig } from "./calls.ts";
import { addressOf, get, patch, post, put, remove } from "./http.ts";
import { paged } from "./queries.ts";
import type { components } from "./schema.gen.ts";
import type { Refine, Whole } from "./shapes.ts";
import type { AuthorKind, ConversationSummary, Page } from "./types.ts";

type V<K extends keyof components["schemas"]> = Whole<components["schemas"][K]>;

export const tagColors = ["gray", "red", "orange", "yellow", "green", "teal", "blue", "violet", "pink"] as const;
export type TagColor = (typeof tagColors)[number];
export type Tag = Refine<V<"TagItem">, { color: TagColor }>;
export type FoundMessage = Refine<V<"FoundMessage">, { authorKind: AuthorKind; visibility: "public" | "note" }>;
/** A conversation of the list and, where words were looked for, the message that has them. */
export type Found = { conversation: ConversationSummary; match: FoundMessage | null };

export type View = Refine<V<"ConversationView">, { filter: V<"SearchFilter"> }>;

export type Action = { action: "assign"; agentId: string } | { action: "tag" | "untag"; tagId: string } | { action: "close"; resolved: boolean } | { action: "reopen" };
export type Acted = V<"ActedOnConversations">;

/** What an address says, in the form in which it is saved. */
const saved = ({ tagId, ...rest }: Filter) => ({ ...rest, ...(tagId && { tagId: [tagId] }) });

/** A saved filter as it stands in an address. */
export function filterOf({ filter }: Pick<View, "filter">): Filter {
  const one = { ...filter, tagId: filter.tagId?.[0] } as Record<string, string | null | undefined>;
  return Object.fromEntries(filterNames.map((name) => [name, one[name]]).filter(([, value]) => value));
}

export const sameFilter = (a: Filter, b: Filter) => filterNames.every((name) => (a[name] ?? "") === (b[name] ?? ""));

const list = async ({ q, ...filter }: Filter, cursor: string | undefined, s: Sig): Promise<Page<Found>> => {
  const query = { ...filter, cursor, limit: 50 };
  if (q) return as<Page<Found>>(get("/v1/conversations/search", { query: { ...query, q } as never, ...s }));
  const page = await conversations.list(query, s);
  return { ...page, items: page.items.map((conversation) => ({ conversation, match: null })) };
};

export const found = {
  count: (filter: Filter, s?: Sig) => get("/v1/conversations/count", { query: { ...filter, q: undefined } as never, ...s }),
  file: (filter: Filter, format: "csv" | "jsonl") => addressOf("/v1/conversations/export", { query: { ...filter, format } }),
  act: (conversationIds: string[], action: Action) => as<Acted>(post("/v1/conversations/actions", { body: { conversationIds, ...action } })),
  tags: (s?: Sig) => as<Page<Tag>>(get("/v1/tags", s)),
  addTag: (body: { name: string; color: string }) => as<Tag>(post("/v1/tags", { body })),
  changeTag: (id: string, body: { name?: string; color?: string }) => as<Tag>(patch("/v1/tags/{id}", { path: { id }, body })),
  removeTag: (id: string) => remove("/v1/tags/{id}", { path: { id } }),
  tag: (id: string, tagId: string) => put("/v1/conversations/{id}/tags/{tagId}", { path: { id, tagId } }),
  untag: (id: string, tagId: string) => remove("/v1/conversations/{id}/tags/{tagId}", { path: { id, tagId } }),
  views: (s?: Sig) => as<Page<View>>(get("/v1/conversations/views", s)),
  addView: (body: { name: string; filter: Filter; shared: boolean; default: boolean }) => as<View>(post("/v1/conversations/views", { body: { ...body, filter: saved(body.filter) } })),
  changeView: (id: string, { filter, ...body }: { name?: string; filter?: Filter; shared?: boolean; default?: boolean }) =>
    as<View>(patch("/v1/conversations/views/{id}", { path: { id }, body: { ...body, ...(filter && { filter: saved(filter) }) } })),
  setDefaultView: (id: string) => put("/v1/conversations/views/{id}/default", { path: { id } }),
  endDefaultView: (id: string) => remove("/v1/conversations/views/{id}/default", { path: { id } }),
  removeView: (id: string) => remove("/v1/conversations/views/{id}", { path: { id } }),
};

export const queries = {
  found: (filter: Filter) => infiniteQueryOptions({ queryKey: ["found", filter] as const, queryFn: ({ pageParam, signal }) => list(filter, pageParam, { signal }), ...paged, placeholderData: keepPreviousData }),
  count: (filter: Filter) => queryOptions({ queryKey: ["found-count", filter] as const, queryFn: ({ signal }) => found.count(filter, { signal }), placeholderData: keepPreviousData, enabled: !filter.q }),
  tags: queryOptions({ queryKey: ["tags"], queryFn: ({ signal }) => found.tags({ signal }) }),
  views: queryOptions({ queryKey: ["views"], queryFn: ({ signal }) => found.views({ signal }) }),
};
