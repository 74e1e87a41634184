/** What was typed and not sent, per conversation and kind, kept in the browser until it is sent or grows old. */
export type DraftKind = "public" | "note";
type Stored = { text: string; at: number };
type Store = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

const prefix = "parley-draft:";
export const draftMs = 30 * 24 * 60 * 60 * 1000;
const keyOf = (conversationId: string, kind: DraftKind) => `${prefix}${conversationId}:${kind}`;

export function createDrafts(store: Store | null, now: () => number = Date.now) {
  const read = (key: string): Stored | null => {
    try {
      const value: unknown = JSON.parse(store?.getItem(key) ?? "null");
      const d = value as Stored | null;
      return d && typeof d.text === "string" && typeof d.at === "number" ? d : null;
    } catch {
      return null;
    }
  };
  return {
    get(conversationId: string, kind: DraftKind): string {
      const d = read(keyOf(conversationId, kind));
      return d && now() - d.at < draftMs ? d.text : "";
    },
    set(conversationId: string, kind: DraftKind, text: string) {
      try {
        if (text.trim()) store?.setItem(keyOf(conversationId, kind), JSON.stringify({ text, at: now() } satisfies Stored));
        else store?.removeItem(keyOf(conversationId, kind));
      } catch {
        // A full or forbidden storage: the text still stands in the field.
      }
    },
    /** Removes what is too old to be of use. */
    sweep() {
      if (!store) return;
      const keys = Array.from({ length: store.length }, (_, i) => store.key(i)).filter((k): k is string => k?.startsWith(prefix) ?? false);
      for (const k of keys) {
        const d = read(k);
        if (!d || now() - d.at >= draftMs) store.removeItem(k);
      }
    },
  };
}

function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

export const drafts = createDrafts(storage());
