import { queryOptions, useQueryClient } from "@tanstack/react-query";
import * as api from "@/api/calls";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Message } from "@/api/types";
import { settled } from "@/app/optimistic";
import { addMessage } from "@/feed/reduce";
import { plainText } from "@/lib/messages";

/** A message of ours that the server does not have yet. Its key makes a repeated attempt harmless. */
export type Outgoing = { key: string; text: string; visibility: "public" | "note"; at: number; failed: string | null };

export const outbox = (conversationId: string) =>
  queryOptions<Outgoing[]>({ queryKey: ["outbox", conversationId], queryFn: () => [], initialData: [], staleTime: Infinity, gcTime: Infinity, enabled: false });

/** Those that are not among the stored ones already: the feed may be faster than the answer to our request. */
export function stillOutgoing(list: readonly Outgoing[], messages: readonly Message[], selfId: string): Outgoing[] {
  const minute = 60_000;
  return list.filter(
    (o) => o.failed !== null || !messages.some((m) => m.authorId === selfId && m.visibility === o.visibility && plainText(m) === o.text && Date.parse(m.createdAt) > o.at - minute),
  );
}

export function useOutbox(conversationId: string) {
  const client = useQueryClient();
  const { queryKey } = outbox(conversationId);
  const update = (change: (list: Outgoing[]) => Outgoing[]) => client.setQueryData<Outgoing[]>(queryKey, (old) => change(old ?? []));
  const drop = (key: string) => update((list) => list.filter((o) => o.key !== key));
  const deliver = async (o: Outgoing) => {
    try {
      // Who has just taken the conversation may write as soon as the server knows it.
      await settled(client, `conversation:${conversationId}`);
      const message = await api.conversations.send(conversationId, { text: o.text, visibility: o.visibility }, o.key);
      client.setQueryData<Message[]>(queries.messages(conversationId).queryKey, (old) => old && addMessage(old, message));
      drop(o.key);
    } catch (e) {
      update((list) => list.map((x) => (x.key === o.key ? { ...x, failed: explain(e) } : x)));
    }
  };
  return {
    send(text: string, visibility: Outgoing["visibility"]) {
      const o: Outgoing = { key: uniqueKey(), text, visibility, at: Date.now(), failed: null };
      update((list) => [...list, o]);
      return deliver(o);
    },
    retry(o: Outgoing) {
      update((list) => list.map((x) => (x.key === o.key ? { ...x, failed: null } : x)));
      return deliver(o);
    },
    discard: (o: Outgoing) => drop(o.key),
  };
}

/** randomUUID exists only in secure contexts; a console on plain http needs keys too. */
function uniqueKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}
