import { useSyncExternalStore } from "react";
import type { ConversationSummary } from "@/api/types";

/** Up to when this browser's reader has seen each conversation. Only the newest few hundred are kept. */
const key = "parley-seen";
const keep = 500;
let marks: Record<string, string> = load();
const listeners = new Set<() => void>();

function load(): Record<string, string> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, string>) : {};
  } catch {
    return {};
  }
}

export function trim(all: Record<string, string>, limit: number): Record<string, string> {
  const entries = Object.entries(all);
  if (entries.length <= limit) return all;
  return Object.fromEntries(entries.sort((a, b) => b[1].localeCompare(a[1])).slice(0, limit));
}

export function markSeen(conversationId: string, at: string) {
  if ((marks[conversationId] ?? "") >= at) return;
  marks = trim({ ...marks, [conversationId]: at }, keep);
  try {
    localStorage.setItem(key, JSON.stringify(marks));
  } catch {
    // Then it is remembered as long as the page is open.
  }
  for (const l of listeners) l();
}

export function isUnread(c: ConversationSummary, seen: Record<string, string>): boolean {
  return c.lastMessage?.kind === "end_user" && c.lastMessage.at > (seen[c.id] ?? "");
}

export function useSeen(): Record<string, string> {
  return useSyncExternalStore(
    (l) => {
      listeners.add(l);
      return () => void listeners.delete(l);
    },
    () => marks,
  );
}
