import { toasts } from "@parley/ui";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import * as api from "@/api/calls";
import { explain } from "@/api/problem";
import type { ConversationSummary } from "@/api/types";
import { useCan, useSession } from "@/app/session";
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

export function useConversationActions(c: ConversationSummary) {
  const client = useQueryClient();
  // The feed brings the new state too; asking again covers the moment when it is away.
  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["conversation", c.id] }),
      client.invalidateQueries({ queryKey: ["messages", c.id] }),
      client.invalidateQueries({ queryKey: ["conversations"] }),
      client.invalidateQueries({ queryKey: ["handoff"] }),
    ]);
  const failed = (e: unknown) => {
    toasts.error(explain(e));
    void refresh();
  };
  const accept = useMutation({
    mutationFn: async () => {
      if (c.handoff && waiting.has(c.handoff.state)) await api.handoffs.accept(c.handoff.id);
      else await api.conversations.takeOver(c.id);
    },
    onSuccess: async () => {
      toasts.success(t.inbox.accepted);
      await refresh();
    },
    onError: failed,
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
  const close = useMutation({
    mutationFn: async (v: { resolved: boolean; note: string }) => {
      const body = { resolved: v.resolved, ...(v.note.trim() && { note: v.note.trim() }) };
      if (c.handoff && c.owner === "agent") await api.handoffs.close(c.handoff.id, body);
      else await api.conversations.close(c.id, body);
    },
    onSuccess: async () => {
      toasts.success(t.inbox.closed);
      await refresh();
    },
  });
  return { accept, giveBack, close };
}
