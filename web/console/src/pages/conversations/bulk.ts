/** What is done with many conversations, as the list shows it before the server answers, and what takes it back. Pure. */
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { Action, Found, Tag } from "@/api/found";
import type { ConversationSummary } from "@/api/types";

/** One action with some conversations. */
export type Act = { ids: readonly string[]; action: Action };
type Known = { tags: readonly Pick<Tag, "id" | "name" | "color">[]; agents: readonly { userId: string; name: string }[] };

export function acted(c: ConversationSummary, action: Action, known: Known): ConversationSummary {
  switch (action.action) {
    case "tag": {
      const tag = known.tags.find((x) => x.id === action.tagId);
      return !tag || c.tags.some((x) => x.id === tag.id) ? c : { ...c, tags: [...c.tags, { id: tag.id, name: tag.name, color: tag.color }] };
    }
    case "untag":
      return { ...c, tags: c.tags.filter((x) => x.id !== action.tagId) };
    case "close":
      return { ...c, status: "closed" };
    case "reopen":
      return { ...c, status: "open" };
    case "assign":
      return { ...c, status: "open", owner: "agent", agentId: action.agentId, agentName: known.agents.find((m) => m.userId === action.agentId)?.name ?? null };
  }
}

/** Every conversation that a list on the page shows. */
export function shownIn(client: QueryClient): ReadonlyMap<string, ConversationSummary> {
  const lists = client.getQueriesData<InfiniteData<{ items: Found[] }>>({ queryKey: ["found"] });
  return new Map(lists.flatMap(([, data]) => data?.pages.flatMap((p) => p.items.map(({ conversation: c }) => [c.id, c] as const)) ?? []));
}

/** Only what really changed is taken back. Null: it cannot be, since what was before is not known or cannot be asked for. */
export function opposites(acts: readonly Act[], before: ReadonlyMap<string, ConversationSummary>): Act[] | null {
  const back: Act[] = [];
  for (const { ids, action } of acts) {
    const all = ids.map((id) => before.get(id));
    if (!all.every((c) => c !== undefined)) return null;
    const those = (changed: (c: ConversationSummary) => boolean) => all.filter(changed).map((c) => c.id);
    const has = (c: ConversationSummary, tagId: string) => c.tags.some((x) => x.id === tagId);
    if (action.action === "tag") back.push({ ids: those((c) => !has(c, action.tagId)), action: { action: "untag", tagId: action.tagId } });
    else if (action.action === "untag") back.push({ ids: those((c) => has(c, action.tagId)), action: { action: "tag", tagId: action.tagId } });
    else if (action.action === "close") back.push({ ids: those((c) => c.status === "open"), action: { action: "reopen" } });
    // How a conversation ended before it was opened again, nobody wrote down here.
    else if (action.action === "reopen") return null;
    else if (action.action === "assign") {
      const moved = all.filter((c) => c.agentId !== action.agentId);
      if (moved.some((c) => c.owner !== "agent" || c.agentId === null)) return null;
      for (const agentId of new Set(moved.map((c) => c.agentId as string))) back.push({ ids: those((c) => c.agentId === agentId), action: { action: "assign", agentId } });
    }
  }
  return back.some((a) => a.ids.length > 0) ? back.filter((a) => a.ids.length > 0) : null;
}
