/** Calls and keys of what only the pages of Knowledge and Articles ask for, apart from the rest: the inbox does not fetch them. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { as, type List, type Sig } from "./calls.ts";
import { get, patch, post, put, remove } from "./http.ts";
import { paged } from "./queries.ts";
import type * as T from "./types.ts";
import type { CrawlPageState, WebPageState } from "./types.ts";

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

export const queries = {
  findings: (filter: { kind?: string | undefined; state?: string | undefined; sourceId?: string | undefined }) =>
    infiniteQueryOptions({
      queryKey: ["findings", filter] as const,
      queryFn: ({ pageParam, signal }) => review.findings({ ...filter, cursor: pageParam }, { signal }),
      ...paged,
      placeholderData: keepPreviousData,
    }),
  documentVersions: (id: string) => queryOptions({ queryKey: ["document-versions", id], queryFn: ({ signal }) => review.versions(id, { signal }) }),
  documentDiff: (id: string, from: number, to: number) =>
    queryOptions({ queryKey: ["document-diff", id, from, to], queryFn: ({ signal }) => review.diff(id, from, to, { signal }), staleTime: Infinity }),
  canaries: queryOptions({ queryKey: ["canaries"], queryFn: ({ signal }) => review.canaries({ signal }) }),
  webPages: (websiteId: string, state: WebPageState | undefined) =>
    infiniteQueryOptions({
      queryKey: ["web-pages", websiteId, state] as const,
      queryFn: ({ pageParam, signal }) => websites.pages(websiteId, { state, after: pageParam }, { signal }),
      ...paged,
    }),
  crawl: (id: string) =>
    queryOptions({
      queryKey: ["crawl", id],
      queryFn: ({ signal }) => websites.crawl(id, { signal }),
      // Crawls are not on the feed.
      refetchInterval: ({ state }) => (state.data?.state === "running" ? 1_000 : false),
    }),
  crawlPages: (id: string, state: CrawlPageState) =>
    infiniteQueryOptions({
      queryKey: ["crawl-pages", id, state] as const,
      staleTime: 0,
      queryFn: ({ pageParam, signal }) => websites.crawlPages(id, { state, cursor: pageParam }, { signal }),
      ...paged,
    }),


  articles: (filter: { collectionId?: string | undefined; state?: string | undefined; q?: string | undefined }) =>
    infiniteQueryOptions({
      queryKey: ["articles", filter] as const,
      queryFn: ({ pageParam, signal }) => articles.list({ ...filter, cursor: pageParam }, { signal }),
      ...paged,
      placeholderData: keepPreviousData,
    }),
  article: (id: string) => queryOptions({ queryKey: ["article", id], queryFn: ({ signal }) => articles.one(id, { signal }) }),
  articleVersions: (articleId: string, locale: string) =>
    queryOptions({ queryKey: ["article-versions", articleId, locale], queryFn: ({ signal }) => articles.versions({ articleId, locale }, { signal }) }),
  articleVersion: (articleId: string, locale: string, version: number) =>
    queryOptions({ queryKey: ["article-version", articleId, locale, version], queryFn: ({ signal }) => articles.version({ articleId, locale, version }, { signal }), staleTime: Infinity }),
  collections: queryOptions({ queryKey: ["collections"], queryFn: ({ signal }) => articles.collections({ signal }) }),
};
