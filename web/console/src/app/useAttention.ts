import { useInfiniteQuery } from "@tanstack/react-query";
import { queries } from "@/api/queries";
import { isUnread, useSeen } from "@/lib/seen";
import { useCan, useSession } from "./session.ts";

/** How many conversations wait for someone, or for this agent. */
export function useAttention(): number {
  const { user } = useSession();
  const enabled = useCan()("conversations:read");
  const queue = useInfiniteQuery({ ...queries.conversations(inboxFilters(user.id).queue), enabled });
  const mine = useInfiniteQuery({ ...queries.conversations(inboxFilters(user.id).mine), enabled });
  const seen = useSeen();
  const waiting = queue.data?.pages.reduce((n, p) => n + p.items.length, 0) ?? 0;
  const unread = mine.data?.pages.reduce((n, p) => n + p.items.filter((c) => isUnread(c, seen)).length, 0) ?? 0;
  return waiting + unread;
}

export type InboxView = "queue" | "mine" | "open";

export function inboxFilters(userId: string): Record<InboxView, { status: string; owner?: string; agentId?: string }> {
  return { queue: { status: "open", owner: "queue" }, mine: { status: "open", owner: "agent", agentId: userId }, open: { status: "open" } };
}
