import { invitationCode, invitationLink } from "@/app/invitation";
import { describe, expect, it } from "vitest";
import type { ConversationSummary, Message } from "@/api/types";
import { stillOutgoing } from "@/pages/inbox/outbox";
import { abilities } from "@/pages/inbox/useConversationActions";
import { createDrafts, draftMs } from "./drafts.ts";
import { pieces } from "./highlight.ts";
import { byteSize, humanize, label, reasonName } from "./labels.ts";
import { dayName, usedSources, preview } from "./messages.ts";
import { toAddress, toOrigin } from "./origin.ts";
import { isUnread, trim } from "./seen.ts";

class MemoryStore {
  #map = new Map<string, string>();
  get length() {
    return this.#map.size;
  }
  key = (i: number) => [...this.#map.keys()][i] ?? null;
  getItem = (k: string) => this.#map.get(k) ?? null;
  setItem = (k: string, v: string) => void this.#map.set(k, v);
  removeItem = (k: string) => void this.#map.delete(k);
}

describe("drafts", () => {
  it("are kept by conversation and kind", () => {
    const d = createDrafts(new MemoryStore());
    d.set("a", "public", "hello");
    d.set("a", "note", "psst");
    expect([d.get("a", "public"), d.get("a", "note"), d.get("b", "public")]).toEqual(["hello", "psst", ""]);
    d.set("a", "public", "  ");
    expect(d.get("a", "public")).toBe("");
  });
  it("end after a while, and leave other things in the storage alone", () => {
    let now = 0;
    const store = new MemoryStore();
    store.setItem("other", "x");
    const d = createDrafts(store, () => now);
    d.set("a", "public", "old");
    now = draftMs - 1;
    d.set("b", "public", "young");
    now = draftMs;
    d.sweep();
    expect([d.get("a", "public"), d.get("b", "public"), store.getItem("other"), store.length]).toEqual(["", "young", "x", 2]);
  });
  it("survive a storage that is broken, full or forbidden", () => {
    const store = new MemoryStore();
    store.setItem("parley-draft:a:public", "{");
    expect(createDrafts(store).get("a", "public")).toBe("");
    expect(createDrafts(null).get("a", "public")).toBe("");
    const full = Object.assign(new MemoryStore(), {
      setItem: () => {
        throw new Error("full");
      },
    });
    expect(() => createDrafts(full).set("a", "public", "x")).not.toThrow();
  });
});

describe("highlights", () => {
  it("cut the text at its marks, whatever their order and overlap", () => {
    const marks = [
      { start: 6, length: 5 },
      { start: 0, length: 3 },
      { start: 2, length: 2 },
      { start: 9, length: 99 },
      { start: 50, length: 3 },
    ];
    const out = pieces("abcdefghijkl", marks);
    expect(out.map((p) => p.text).join("")).toBe("abcdefghijkl");
    expect(out.filter((p) => p.marked).map((p) => p.text)).toEqual(["abcd", "ghijkl"]);
  });
  it("leave an unmarked text whole", () => expect(pieces("abc", [])).toEqual([{ text: "abc", marked: false }]));
});

it.each([
  ["https://www.example.com", "https://www.example.com"],
  ["www.example.com/", "https://www.example.com"],
  ["http://localhost:3000", "http://localhost:3000"],
  ["HTTPS://Example.COM:443", "https://example.com"],
  ["https://example.com/path", null],
  ["https://*.example.com", null],
  ["ftp://example.com", null],
  ["javascript:alert(1)", null],
  ["example", null],
  ["", null],
])("the origin of “%s” is %s", (input, expected) => expect(toOrigin(input)).toBe(expected));

it("shows a value it has no word for, rather than nothing", () => {
  expect(label({ open: "Open" }, "open")).toBe("Open");
  expect(label({}, "waiting_media")).toBe("Waiting media");
  expect(label({}, null)).toBe("");
  expect(humanize("knowledge.source.deleted")).toBe("Knowledge source deleted");
});

it.each([
  ["explicit_request", "Asked for a person"],
  ["own_account.billing", "Own account: Billing"],
  ["topic.data_export", "Topic: Data export"],
  ["something_new", "Something new"],
])("calls the reason %s “%s”", (reason, expected) => expect(reasonName(reason)).toBe(expected));

it("names sizes in the unit that fits", () => {
  expect([0, 999, 1500, 2_500_000].map(byteSize)).toEqual(["0 bytes", "999 bytes", "1.5 kB", "2.5 MB"]);
});

it("names today and yesterday by the reader's calendar", () => {
  const now = new Date(2026, 2, 1, 0, 30);
  expect(dayName(new Date(2026, 2, 1).toISOString(), now)).toBe("Today");
  expect(dayName(new Date(2026, 1, 28, 23, 59).toISOString(), now)).toBe("Yesterday");
});

describe("what is unread", () => {
  const c = (kind: "end_user" | "agent", at: string) => ({ id: "c", lastMessage: { kind, text: "", at } }) as ConversationSummary;
  it("is a customer's message newer than what was seen", () => {
    expect(isUnread(c("end_user", "2026-01-02"), { c: "2026-01-01" })).toBe(true);
    expect(isUnread(c("end_user", "2026-01-02"), { c: "2026-01-02" })).toBe(false);
    expect(isUnread(c("agent", "2026-01-02"), {})).toBe(false);
  });
  it("forgets the oldest marks first", () => expect(trim({ a: "2026-01-01", b: "2026-01-03", c: "2026-01-02" }, 2)).toEqual({ b: "2026-01-03", c: "2026-01-02" }));
});

const mine = { write: true, handoffs: true };
const open = (more: Partial<ConversationSummary>) => ({ id: "c", status: "open", owner: "assistant", agentId: null, handoff: null, ...more }) as ConversationSummary;
const handoff = (state: string) => ({ id: "h", state, priority: "low", reasons: [], createdAt: "" }) as ConversationSummary["handoff"];

describe("what an agent may do", () => {
  it.each([
    ["a queued conversation: accept", open({ owner: "queue", handoff: handoff("queued") }), { accept: true, takeOver: false, reply: false, giveBack: false }],
    ["one outside hours: accept", open({ owner: "queue", handoff: handoff("out_of_hours") }), { accept: true, takeOver: false }],
    ["the assistant's: take over", open({}), { accept: false, takeOver: true, reply: false }],
    ["their own: reply, hand back, close", open({ owner: "agent", agentId: "me", handoff: handoff("accepted") }), { reply: true, giveBack: true, close: true, takeOver: false }],
    ["a colleague's: only note", open({ owner: "agent", agentId: "other" }), { reply: false, close: false, note: true, takeOver: false }],
    ["a closed one: only note", open({ status: "closed" }), { accept: false, takeOver: false, close: false, note: true }],
  ])("with %s", (_, c, expected) => expect(abilities(c, "me", mine)).toMatchObject(expected));
  it("is nothing for a reader", () => {
    const able = abilities(open({ owner: "queue", handoff: handoff("queued") }), "me", { write: false, handoffs: false });
    expect(Object.values(able).some(Boolean)).toBe(false);
  });
});

describe("messages on their way", () => {
  const stored = (text: string, more: Partial<Message> = {}) =>
    ({ authorId: "me", visibility: "public", createdAt: "2026-01-01T10:00:00Z", parts: [{ type: "text", content: { text } }], ...more }) as Message;
  const at = Date.parse("2026-01-01T10:00:00Z");
  it("vanish when the feed was faster than the answer to the request", () => {
    const list = [
      { key: "1", text: "hi", visibility: "public" as const, at, failed: null },
      { key: "2", text: "hi", visibility: "note" as const, at, failed: null },
      { key: "3", text: "hi", visibility: "public" as const, at, failed: "no" },
    ];
    expect(stillOutgoing(list, [stored("hi")], "me").map((o) => o.key)).toEqual(["2", "3"]);
    expect(stillOutgoing(list, [stored("hi", { createdAt: "2025-12-31T10:00:00Z" })], "me")).toHaveLength(3);
  });
});

it("lists each passage the assistant quoted once", () => {
  const quote = (chunkId: string) => ({ type: "quote" as const, content: { documentId: "d", sourceId: "s", title: "T", url: null, anchor: null, quote: "q", chunkId } });
  const by = (authorKind: string, ...parts: unknown[]) => ({ authorKind, parts }) as Message;
  expect(usedSources([by("assistant", quote("1"), quote("2")), by("agent", quote("3")), by("assistant", quote("1"))]).map((c) => c.chunkId)).toEqual(["1", "2"]);
});

it.each([
  ["Hello, it takes **five minutes**.", "Hello, it takes five minutes."],
  ["See [the guide](https://example.com/a_b) and `npm ci`", "See the guide and npm ci"],
  ["# Steps\n\n1. One\n- two", "Steps 1. One two"],
  ["2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"],
])("shows “%s” in a list as one plain line", (text, expected) => expect(preview(text)).toBe(expected));

it("reads an invitation from a link or a code", () => {
  expect(invitationCode(" pi_abc ")).toBe("pi_abc");
  expect(invitationCode(invitationLink("pi_abc"))).toBe("pi_abc");
  expect(invitationCode("  ")).toBeNull();
  expect(invitationCode("https://example.com/console/#join=")).toBeNull();
});

it.each([
  ["docs.example.com/guide", "https://docs.example.com/guide"],
  [" http://localhost:8080/sitemap.xml ", "http://localhost:8080/sitemap.xml"],
  ["ftp://example.com/", null],
  ["https://somebody@example.com/", null],
  ["two words", null],
  ["", null],
])("the address of “%s” is %s", (input, expected) => expect(toAddress(input)).toBe(expected));
