/** What is asked of the server under which key. The feed writes into the same keys. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { idle, type ListFilter, type Live } from "@/feed/reduce";
import * as api from "./calls.ts";
import type { Conversation, CrawlPageState, Import, Message, Page, Session, WebPageState } from "./types.ts";

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

  findings: (filter: { kind?: string | undefined; state?: string | undefined; sourceId?: string | undefined }) =>
    infiniteQueryOptions({
      queryKey: ["findings", filter] as const,
      queryFn: ({ pageParam, signal }) => api.review.findings({ ...filter, cursor: pageParam }, { signal }),
      ...paged,
      placeholderData: keepPreviousData,
    }),
  documentVersions: (id: string) => queryOptions({ queryKey: ["document-versions", id], queryFn: ({ signal }) => api.review.versions(id, { signal }) }),
  documentDiff: (id: string, from: number, to: number) =>
    queryOptions({ queryKey: ["document-diff", id, from, to], queryFn: ({ signal }) => api.review.diff(id, from, to, { signal }), staleTime: Infinity }),
  canaries: queryOptions({ queryKey: ["canaries"], queryFn: ({ signal }) => api.review.canaries({ signal }) }),
  webPages: (websiteId: string, state: WebPageState | undefined) =>
    infiniteQueryOptions({
      queryKey: ["web-pages", websiteId, state] as const,
      queryFn: ({ pageParam, signal }) => api.websites.pages(websiteId, { state, after: pageParam }, { signal }),
      ...paged,
    }),
  crawl: (id: string) =>
    queryOptions({
      queryKey: ["crawl", id],
      queryFn: ({ signal }) => api.websites.crawl(id, { signal }),
      // Crawls are not on the feed.
      refetchInterval: ({ state }) => (state.data?.state === "running" ? 1_000 : false),
    }),
  crawlPages: (id: string, state: CrawlPageState) =>
    infiniteQueryOptions({
      queryKey: ["crawl-pages", id, state] as const,
      staleTime: 0,
      queryFn: ({ pageParam, signal }) => api.websites.crawlPages(id, { state, cursor: pageParam }, { signal }),
      ...paged,
    }),

  articles: (filter: { collectionId?: string | undefined; state?: string | undefined; q?: string | undefined }) =>
    infiniteQueryOptions({
      queryKey: ["articles", filter] as const,
      queryFn: ({ pageParam, signal }) => api.articles.list({ ...filter, cursor: pageParam }, { signal }),
      ...paged,
      placeholderData: keepPreviousData,
    }),
  article: (id: string) => queryOptions({ queryKey: ["article", id], queryFn: ({ signal }) => api.articles.one(id, { signal }) }),
  articleVersions: (articleId: string, locale: string) =>
    queryOptions({ queryKey: ["article-versions", articleId, locale], queryFn: ({ signal }) => api.articles.versions({ articleId, locale }, { signal }) }),
  articleVersion: (articleId: string, locale: string, version: number) =>
    queryOptions({ queryKey: ["article-version", articleId, locale, version], queryFn: ({ signal }) => api.articles.version({ articleId, locale, version }, { signal }), staleTime: Infinity }),
  collections: queryOptions({ queryKey: ["collections"], queryFn: ({ signal }) => api.articles.collections({ signal }) }),

  members: queryOptions({ queryKey: ["members"], queryFn: ({ signal }) => api.team.members({ signal }) }),
  roles: queryOptions({ queryKey: ["roles"], queryFn: ({ signal }) => api.team.roles({ signal }), staleTime: 300_000 }),
  invitations: queryOptions({ queryKey: ["invitations"], queryFn: ({ signal }) => api.team.invitations({ signal }) }),
  keys: queryOptions({ queryKey: ["api-keys"], queryFn: ({ signal }) => api.team.keys({ signal }) }),
  permissions: queryOptions({ queryKey: ["permissions"], queryFn: ({ signal }) => api.team.permissions({ signal }), staleTime: Infinity }),
  ownSessions: queryOptions({ queryKey: ["own-sessions"], queryFn: ({ signal }) => api.auth.sessions({ signal }) }),
  secondFactor: queryOptions({ queryKey: ["second-factor"], queryFn: ({ signal }) => api.auth.secondFactor({ signal }) }),
  audit: (filter: api.AuditFilter) => infiniteQueryOptions({
    queryKey: ["audit", filter] as const,
    queryFn: ({ pageParam, signal }) => api.team.audit({ ...filter, cursor: pageParam }, { signal }),
    placeholderData: keepPreviousData,
    ...paged,
  }),
  /** The workspace's assistant with the profile in force. */
  assistant: queryOptions({
    queryKey: ["assistant"],
    queryFn: async ({ signal }) => {
      const { items } = await api.assistant.list({ signal });
      const id = items[0]?.id;
      return id ? api.assistant.one(id, { signal }) : null;
    },
  }),
  escalations: queryOptions({ queryKey: ["escalations"], queryFn: ({ signal }) => api.escalations.settings({ signal }) }),
  deadJobs: infiniteQueryOptions({
    queryKey: ["dead-jobs"] as const,
    queryFn: ({ pageParam, signal }) => api.jobs.dead({ cursor: pageParam }, { signal }),
    ...paged,
  }),
  tasks: (filter: api.TaskFilter) =>
    infiniteQueryOptions({
      queryKey: ["tasks", filter] as const,
      queryFn: ({ pageParam, signal }) => api.tasks.list({ ...filter, cursor: pageParam }, { signal }),
      ...paged,
      placeholderData: keepPreviousData,
      // Tasks are not on the feed.
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
