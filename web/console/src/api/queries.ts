/** What is asked of the server under which key. The feed writes into the same keys. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { idle, type ListFilter, type Live } from "@/feed/reduce";
import * as api from "./calls.ts";
import type { Conversation, Import, Message, Page, Session } from "./types.ts";

const unfinished = (i: Import | undefined) => i !== undefined && ["uploading", "crawling", "queued", "running"].includes(i.state);

/** A list that comes page by page. */
export const paged = { initialPageParam: undefined as string | undefined, getNextPageParam: (last: Page<unknown>) => last.next ?? undefined };

export const queries = {
  session: queryOptions<Session>({ queryKey: ["session"], queryFn: ({ signal }) => api.auth.session({ signal }), staleTime: Infinity, retry: false }),

  conversations: (filter: ListFilter) =>
    infiniteQueryOptions({
      queryKey: ["conversations", filter] as const,
      queryFn: ({ pageParam, signal }) => api.conversations.list({ ...filter, cursor: pageParam, limit: 50 }, { signal }),
      ...paged,
      placeholderData: keepPreviousData,
    }),
  conversation: (id: string) => queryOptions<Conversation>({ queryKey: ["conversation", id], queryFn: ({ signal }) => api.conversations.one(id, { signal }) }),
  messages: (id: string) => queryOptions<Message[]>({ queryKey: ["messages", id], queryFn: ({ signal }) => allMessages(id, signal) }),
  live: (id: string) => queryOptions<Live>({ queryKey: ["live", id], queryFn: () => idle, initialData: idle, staleTime: Infinity, enabled: false }),
  turns: (id: string) => queryOptions({ queryKey: ["turns", id], queryFn: ({ signal }) => api.conversations.turns(id, { signal }) }),
  turn: (id: string) => queryOptions({ queryKey: ["turn", id], queryFn: ({ signal }) => api.conversations.turn(id, { signal }) }),
  handoff: (id: string) => queryOptions({ queryKey: ["handoff", id], queryFn: ({ signal }) => api.handoffs.one(id, { signal }) }),

  sources: queryOptions({ queryKey: ["sources"], queryFn: ({ signal }) => api.knowledge.sources({ signal }) }),
  source: (id: string) => queryOptions({ queryKey: ["source", id], queryFn: ({ signal }) => api.knowledge.source(id, { signal }) }),
  documents: (filter: { sourceId: string; q?: string | undefined }) =>
    infiniteQueryOptions({
      queryKey: ["documents", filter] as const,
      queryFn: ({ pageParam, signal }) => api.knowledge.documents({ ...filter, cursor: pageParam }, { signal }),
      ...paged,
      placeholderData: keepPreviousData,
    }),
  document: (id: string) => queryOptions({ queryKey: ["document", id], queryFn: ({ signal }) => api.knowledge.document(id, { signal }) }),
  imports: (sourceId: string) => queryOptions({ queryKey: ["imports", sourceId], queryFn: ({ signal }) => api.knowledge.imports({ sourceId }, { signal }) }),
  import: (id: string) =>
    queryOptions({
      queryKey: ["import", id],
      queryFn: ({ signal }) => api.knowledge.import(id, { signal }),
      // The feed brings each step; asking now and then covers the time without it.
      refetchInterval: ({ state }) => (unfinished(state.data) ? 5_000 : false),
    }),
  failedFiles: (importId: string) =>
    infiniteQueryOptions({
      queryKey: ["import-files", importId] as const,
      queryFn: ({ pageParam, signal }) => api.knowledge.importFiles(importId, { state: "failed", cursor: pageParam }, { signal }),
      ...paged,
    }),

  members: queryOptions({ queryKey: ["members"], queryFn: ({ signal }) => api.team.members({ signal }) }),
  /** The workspace's assistant with the profile in force. */
  assistant: queryOptions({
    queryKey: ["assistant"],
    queryFn: async ({ signal }) => {
      const { items } = await api.assistant.list({ signal });
      const id = items[0]?.id;
      return id ? api.assistant.one(id, { signal }) : null;
    },
  }),
  tasks: (filter: api.TaskFilter) =>
    infiniteQueryOptions({
      queryKey: ["tasks", filter] as const,
      queryFn: ({ pageParam, signal }) => api.tasks.list({ ...filter, cursor: pageParam }, { signal }),
      ...paged,
      placeholderData: keepPreviousData,
      // Those that become overdue, and those that the server itself leaves, are on no feed.
      refetchInterval: 60_000,
    }),
  widgets: queryOptions({ queryKey: ["widgets"], queryFn: ({ signal }) => api.widgets.list({ signal }) }),
};

async function allMessages(id: string, signal: AbortSignal): Promise<Message[]> {
  const out: Message[] = [];
  // Pages go by number: the next one follows the last message of this one.
  let after: number | null = 0;
  while (after !== null) {
    const page: Page<Message> = await api.conversations.messages(id, { limit: 200, after }, { signal });
    out.push(...page.items);
    after = page.next === null ? null : Number(page.next);
  }
  return out;
}
