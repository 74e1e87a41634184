import { toasts } from "@parley/ui";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import * as api from "@/api/calls";
import { Problem } from "@/api/problem";
import type { ConversationSummary } from "@/api/types";
import { useOptimistic } from "@/app/optimistic";
import { useCan, useSession } from "@/app/session";
import { showSummary } from "@/feed/apply";
import { t } from "@/strings";

const waiting: ReadonlySet<string> = new Set(["requested", "acknowledged", "queued", "offered", "out_of_hours"]);

/** What this person may do with this conversation now. */
export function abilities(c: ConversationSummary, userId: string, may: { write: boolean; handoffs: boolean }) {
  const open = c.status === "open";
  const mine = c.owner === "agent" && c.agentId === userId;
  return {
    mine,
    accept: open && may.handoffs && c.owner === "queue" && c.handoff !== null && waiting.has(c.handoff.state),
    takeOver: open && may.handoffs && (c.owner === "assistant" || (c.owner === "queue" && c.handoff === null)),
    giveBack: open && mine && may.handoffs,
    close: open && may.write && (mine || c.owner !== "agent"),
    reply: open && mine && may.write,
    note: may.write,
  };
}

export function useAbilities(c: ConversationSummary) {
  const { user } = useSession();
  const can = useCan();
  return abilities(c, user.id, { write: can("conversations:write"), handoffs: can("handoffs:write") });
}

/** The conversation as it is once this person has taken it. */
export const taken = <C extends ConversationSummary>(c: C, by: { id: string; name: string }): C => ({ ...c, owner: "agent", agentId: by.id, agentName: by.name });

/** @param closingFailed What was typed for the end that did not come about. */
export function useConversationActions(c: ConversationSummary, closingFailed: (typed: Closing) => void) {
  const client = useQueryClient();
  const { user } = useSession();
  // The feed brings the new state too; asking again covers the moment when it is away.
  const keys = [["conversation", c.id], ["conversations"], ["handoff"], ["messages", c.id]];
  const refresh = () => Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey })));
  // Not undone by a key: the customer has been told who came. Giving it back is one press away.
  const accept = useOptimistic<undefined>({
    scope: `conversation:${c.id}`,
    run: () => (c.handoff && waiting.has(c.handoff.state) ? api.handoffs.accept(c.handoff.id) : api.conversations.takeOver(c.id)),
    touches: keys,
    show: (cache) => showSummary(cache, taken(c, user)),
    said: () => t.inbox.accepted,
  });
  const giveBack = useMutation({
    mutationFn: async (note: string) => {
      if (c.handoff) await api.handoffs.giveBack(c.handoff.id, note.trim() || undefined);
    },
    onSuccess: async () => {
      toasts.success(t.inbox.givenBack);
      await refresh();
    },
  });
  const end = useOptimistic<Ending>({
    scope: `conversation:${c.id}`,
    run: (change) => ("resolved" in change ? close(c, change) : reopen(c.id, change.agentId)),
    touches: keys,
    show: (cache, change) => showSummary(cache, { ...c, status: "resolved" in change ? "closed" : "open" }),
    said: (change) => ("resolved" in change ? t.inbox.closed : t.inbox.reopened),
    opposite: (change) => ("resolved" in change ? { agentId: c.owner === "agent" ? c.agentId : null } : null),
    failed: (change) => {
      if ("resolved" in change) closingFailed(change);
    },
  });
  return { accept, giveBack, end };
}

export type Closing = { resolved: boolean; note: string };
/** The end, or what takes it back: open again, and with whom it was. */
type Ending = Closing | { agentId: string | null };

async function close(c: ConversationSummary, v: Closing) {
  const body = { resolved: v.resolved, ...(v.note.trim() && { note: v.note.trim() }) };
  if (c.handoff && c.owner === "agent") await api.handoffs.close(c.handoff.id, body);
  else await api.conversations.close(c.id, body);
}

async function reopen(id: string, agentId: string | null) {
  const { found } = await import("@/api/found");
  for (const step of [{ action: "reopen" } as const, ...(agentId ? [{ action: "assign", agentId } as const] : [])]) {
    const refused = (await found.act([id], step)).failed[0];
    if (refused) throw new Problem(409, refused.code, refused.message);
  }
}
