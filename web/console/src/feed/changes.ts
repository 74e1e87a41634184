/** Which answers a change makes old. The server says what kind of thing changed, in the words of its addresses. */
import { unsaved } from "@parley/ui";
import type { QueryClient, QueryKey } from "@tanstack/react-query";

const byWhat: [what: string, keys: readonly string[]][] = [
  ["tasks", ["tasks"]],
  ["tags", ["tags", "found", "conversation"]],
  ["conversations/views", ["views"]],
  ["conversations/actions", ["found", "found-count", "conversation", "conversations", "tags"]],
  ["conversations", ["found", "tags"]],
  ["turns", ["judgements", "confidence"]],
  ["knowledge/sources", ["sources", "source", "canaries"]],
  ["knowledge/websites", ["sources", "source", "web-pages", "imports"]],
  ["knowledge/documents", ["documents", "document", "document-versions", "sources", "source"]],
  ["knowledge/findings", ["findings", "sources", "source"]],
  ["knowledge/review", ["findings"]],
  ["knowledge/articles", ["articles", "article", "article-versions", "sources"]],
  ["knowledge/collections", ["collections", "articles"]],
  ["knowledge/retrieval", ["retrieval"]],
  ["quality/canaries", ["canaries", "sources", "source"]],
  ["quality/golden-questions", ["golden-questions", "golden-facets"]],
  ["quality/golden-runs", ["golden-runs", "golden-run", "golden-results"]],
  ["quality/confidence", ["confidence", "assistant"]],
  ["assistants", ["assistants", "assistant", "assistant-version", "assistant-versions", "golden-runs"]],
  ["escalations/settings", ["escalations"]],
  ["members", ["members", "roles", "invitations"]],
  ["invitations", ["invitations", "members"]],
  ["roles", ["roles", "session", "members"]],
  ["api-keys", ["api-keys"]],
  ["identity-keys", ["identity-keys"]],
  ["widgets", ["widgets"]],
  ["webhooks", ["webhooks", "webhook-delivery"]],
  ["models", ["models"]],
  ["budget", ["budget", "budget-versions", "budget-alerts"]],
  ["jobs", ["dead-jobs"]],
  ["brands", ["brands", "widgets"]],
  ["retention", ["retention"]],
  ["workspace/exports", ["exports"]],
  ["workspace/erase-conversations", ["found", "found-count", "conversations", "conversation", "tasks"]],
];

/** What is asked for again; of one thing, only what is about it, beside the lists that it may stand in. */
export function staleAfter(what: string, id: string | null): QueryKey[] {
  const keys = byWhat.find(([name]) => what === name || what.startsWith(`${name}/`))?.[1] ?? [];
  // Whatever is changed is written down, too.
  return [["audit"], ...keys.map((key) => [key]), ...(what === "conversations" && id !== null ? [["conversation", id]] : [])];
}

/** What forms begin from: read anew under somebody who types, it would begin the form anew. Their save is told that it comes second. */
const begun: ReadonlySet<unknown> = new Set(["retrieval", "assistants", "assistant", "models", "budget", "widgets", "escalations", "canaries", "source", "brands", "retention"]);

const pauseMs = 400;
let due = new Map<string, QueryKey>();
let timer: ReturnType<typeof setTimeout> | undefined;

/**
 * Asks again for what has changed, once for all that comes in a moment. While something of ours is on its way the screen is ahead of
 * the server, and waits for that first.
 */
export function applyChange(client: QueryClient, what: string, id: string | null) {
  for (const key of staleAfter(what, id)) due.set(JSON.stringify(key), key);
  const ask = () => {
    timer = undefined;
    if (client.isMutating() > 0) {
      timer = setTimeout(ask, pauseMs);
      return;
    }
    const keys = [...due.values()];
    due = new Map();
    const typing = unsaved.any();
    for (const queryKey of keys) void client.invalidateQueries({ queryKey, refetchType: typing && begun.has(queryKey[0]) ? "none" : "active" });
  };
  timer ??= setTimeout(ask, pauseMs);
}
