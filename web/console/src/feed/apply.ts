import type { InfiniteData, QueryClient, QueryKey } from "@tanstack/react-query";
import { queries } from "@/api/queries";
import type { Conversation, ConversationSummary, Import, Message, Page } from "@/api/types";
import { applyChange } from "./changes.ts";
import type { FeedEvent } from "./events.ts";
import { addMessage, applyLive, idle, mergeConversation, mergeImport, placeSummary, type ListFilter, type Live } from "./reduce.ts";

type Lists = InfiniteData<Page<ConversationSummary>, string | undefined>;

/** Brings everything on the screen up to date with one event. */
export function applyEvent(client: QueryClient, e: FeedEvent, now = Date.now()) {
  switch (e.type) {
    case "ready":
      return;
    case "reset":
      void client.invalidateQueries({ predicate: (q) => q.queryKey[0] !== "session" });
      return;
    case "conversation":
      applySummary(client, e.data.conversation);
      return;
    case "import":
      applyImport(client, e.data);
      return;
    case "changed":
      applyChange(client, e.data.what, e.data.id);
      return;
    case "handoff":
      void client.invalidateQueries({ queryKey: ["handoff", e.data.handoffId] });
      break;
    case "done":
      void client.invalidateQueries({ queryKey: ["turns", e.data.conversationId] });
      break;
    case "accepted":
    case "message": {
      const { message } = e.data;
      const key = queries.messages(e.data.conversationId).queryKey;
      client.setQueryData<Message[]>(key, (old) => old && addMessage(old, message));
      askAgain(client, key);
      break;
    }
  }
  const live = queries.live(e.data.conversationId).queryKey;
  client.setQueryData<Live>(live, (old) => applyLive(old ?? idle, e.type, e.data, now));
}

const awaited = new WeakSet<Promise<unknown>>();

/** An answer that is under way may be older than the event and would take it back: when it is there, it is asked for once more. */
function askAgain(client: QueryClient, queryKey: QueryKey) {
  const query = client.getQueryCache().find({ queryKey, exact: true });
  const answer = query?.state.fetchStatus === "fetching" ? query.promise : undefined;
  if (!answer || awaited.has(answer)) return;
  awaited.add(answer);
  const again = () => void client.invalidateQueries({ queryKey, exact: true });
  answer.then(again, again);
}

let refreshing: ReturnType<typeof setTimeout> | undefined;

/** Which conversations fit a search or a rich filter only the server knows: those lists are asked for again, once for all that comes within two seconds. */
function refreshFound(client: QueryClient) {
  refreshing ??= setTimeout(() => {
    refreshing = undefined;
    for (const key of ["found", "found-count"]) void client.invalidateQueries({ queryKey: [key] });
  }, 2_000);
}

function applySummary(client: QueryClient, c: ConversationSummary) {
  refreshFound(client);
  showSummary(client, c);
  for (const query of [...client.getQueryCache().findAll({ queryKey: ["conversation", c.id] }), ...client.getQueryCache().findAll({ queryKey: ["conversations"] })]) askAgain(client, query.queryKey);
}

/** A conversation as it is now, on its page and in every list that it belongs to or belonged to. */
export function showSummary(client: QueryClient, c: ConversationSummary) {
  client.setQueryData<Conversation>(queries.conversation(c.id).queryKey, (old) => old && mergeConversation(old, c));
  for (const query of client.getQueryCache().findAll({ queryKey: ["conversations"] })) client.setQueryData<Lists>(query.queryKey, (old) => old && placeInPages(old, c, query.queryKey[1] as ListFilter));
}

/** The list as a whole changes; the pages keep their sizes, so that fetching more goes on where it was. */
export function placeInPages(old: Lists, c: ConversationSummary, filter: ListFilter): Lists {
  const complete = !old.pages.at(-1)?.next;
  const all = placeSummary(
    old.pages.flatMap((p) => p.items),
    c,
    filter,
    complete,
  );
  let from = 0;
  const pages = old.pages.map((p, i) => {
    const to = i === old.pages.length - 1 ? all.length : from + p.items.length;
    const page = { ...p, items: all.slice(from, to) };
    from = to;
    return page;
  });
  return { ...old, pages };
}

function applyImport(client: QueryClient, data: Extract<FeedEvent, { type: "import" }>["data"]) {
  const key = queries.import(data.importId).queryKey;
  client.setQueryData<Import>(key, (old) => old && mergeImport(old, data));
  client.setQueryData<Page<Import>>(queries.imports(data.sourceId).queryKey, (old) =>
    old && { ...old, items: old.items.map((i) => (i.id === data.importId ? mergeImport(i, data) : i)) },
  );
  if (!["succeeded", "failed", "cancelled"].includes(data.state)) return;
  for (const name of ["sources", "source", "documents", "imports", "import", "import-files", "web-pages", "findings", "canaries"]) void client.invalidateQueries({ queryKey: [name] });
}
