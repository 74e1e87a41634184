import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import { queries } from "@/api/queries";
import type { Conversation, ConversationSummary, Import, Message } from "@/api/types";
import { applyEvent, placeInPages } from "./apply.ts";
import { addMessage, applyDelta, applyLive, idle, mergeImport, placeSummary, queueOrder, type Live } from "./reduce.ts";

const message = (seq: number, more: Partial<Message> = {}): Message => ({
  id: `m${seq}`,
  conversationId: "c",
  seq,
  authorKind: "end_user",
  authorId: null,
  authorName: null,
  visibility: "public",
  modality: "text",
  language: null,
  replyTo: null,
  delivery: "sent",
  turnId: null,
  createdAt: "2026-01-01T00:00:00Z",
  parts: [],
  ...more,
});
const summary = (id: string, updatedAt: string, more: Partial<ConversationSummary> = {}): ConversationSummary => ({
  id,
  status: "open",
  owner: "queue",
  agentId: null,
  agentName: null,
  channel: "widget",
  modality: "text",
  locale: null,
  subject: id,
  endUser: { id: "e", name: null, email: null, verified: false },
  lastMessage: null,
  handoff: null,
  rating: null,
  confidence: null,
  tags: [],
  outcome: null,
  createdAt: updatedAt,
  updatedAt,
  closedAt: null,
  ...more,
});
const ids = (list: readonly { id: string }[]) => list.map((x) => x.id);

describe("messages", () => {
  it("stay in order and single, however often and in whatever order they arrive", () => {
    let list: Message[] = [];
    for (const seq of [3, 1, 2, 3, 1]) list = addMessage(list, message(seq));
    expect(ids(list)).toEqual(["m1", "m2", "m3"]);
  });
});

describe("an answer being written", () => {
  const delta = (offset: number, text: string, turnId = "t") => ({ conversationId: "c", turnId, offset, text });
  it("grows by its pieces", () => {
    const live = [delta(0, "Cron "), delta(5, "runs")].reduce<Live>(applyDelta, idle);
    expect(live.turn?.text).toBe("Cron runs");
  });
  it("is not doubled by a resume that repeats the text so far", () => {
    const live = [delta(0, "Cron "), delta(5, "runs"), delta(0, "Cron runs"), delta(9, " in UTC")].reduce<Live>(applyDelta, idle);
    expect(live.turn?.text).toBe("Cron runs in UTC");
  });
  it("starts anew with a new turn", () => {
    expect([delta(0, "old"), delta(0, "new", "t2")].reduce<Live>(applyDelta, idle).turn).toMatchObject({ id: "t2", text: "new" });
  });
  it("is emptied by a retraction and gone with the message, with done or with an error", () => {
    const live = applyDelta(idle, delta(0, "text"));
    expect(applyLive(live, "replaced", { turnId: "t" }, 0).turn?.text).toBe("");
    expect(applyLive(live, "message", { message: message(1, { authorKind: "assistant", turnId: "t" }) }, 0).turn).toBeNull();
    expect(applyLive(live, "message", { message: message(1, { authorKind: "agent" }) }, 0).turn).not.toBeNull();
    expect(applyLive(live, "done", { turnId: "t" }, 0).turn).toBeNull();
    expect(applyLive(live, "done", { turnId: "other" }, 0).turn).not.toBeNull();
    expect(applyLive(live, "error", { turnId: "t", text: "Sorry" }, 0)).toMatchObject({ turn: null, lastError: "Sorry" });
  });
  it("shows who types until they send or stop", () => {
    const typing = applyLive(idle, "presence", { who: "end_user", typing: true }, 1000);
    expect(typing.typing).toEqual({ who: "end_user", until: 7000 });
    expect(applyLive(typing, "presence", { who: "end_user", typing: false }, 2000).typing).toBeNull();
    expect(applyLive(typing, "presence", { who: "agent", typing: false }, 2000).typing).not.toBeNull();
    expect(applyLive(typing, "accepted", {}, 2000).typing).toBeNull();
  });
});

describe("a changed conversation", () => {
  const list = [summary("b", "2026-01-03"), summary("a", "2026-01-02")];
  it("moves to the top", () => expect(ids(placeSummary(list, summary("a", "2026-01-04"), {}, true))).toEqual(["a", "b"]));
  it("leaves a list it no longer fits", () => expect(ids(placeSummary(list, summary("a", "2026-01-04", { owner: "agent" }), { owner: "queue" }, true))).toEqual(["b"]));
  it("joins a list it now fits", () => expect(ids(placeSummary(list, summary("c", "2026-01-05"), { owner: "queue" }, true))).toEqual(["c", "b", "a"]));
  it("is not overwritten by an older notice", () => expect(placeSummary(list, summary("b", "2026-01-01", { subject: "old" }), {}, true)).toEqual(list));
  it("waits for its page when it is older than all that is loaded", () => {
    expect(ids(placeSummary(list, summary("z", "2026-01-01"), {}, false))).toEqual(["b", "a"]);
    expect(ids(placeSummary(list, summary("z", "2026-01-01"), {}, true))).toEqual(["b", "a", "z"]);
  });
  it("does not enter a search that only the server can judge", () => {
    expect(ids(placeSummary(list, summary("c", "2026-01-05"), { q: "refund" }, true))).toEqual(["b", "a"]);
    expect(ids(placeSummary(list, summary("a", "2026-01-05"), { q: "refund" }, true))).toEqual(["a", "b"]);
  });
  it("keeps the pages of a long list", () => {
    const pages = {
      pages: [
        { items: [summary("d", "2026-01-04"), summary("c", "2026-01-03")], next: "x" },
        { items: [summary("b", "2026-01-02"), summary("a", "2026-01-01")], next: null },
      ],
      pageParams: [undefined, "x"],
    };
    const next = placeInPages(pages, summary("a", "2026-01-05"), {});
    expect(next.pages.map((p) => ids(p.items))).toEqual([
      ["a", "d"],
      ["c", "b"],
    ]);
    expect(next.pages.map((p) => p.next)).toEqual(["x", null]);
  });
});

it("works the queue by pressure, then by waiting time", () => {
  const at = (id: string, priority: "low" | "medium" | "high" | "urgent", createdAt: string) =>
    summary(id, "2026-01-01", { handoff: { id, state: "queued", priority, reasons: [], createdAt } });
  const list = [at("low", "low", "2026-01-01"), at("late", "high", "2026-01-03"), at("early", "high", "2026-01-02"), at("urgent", "urgent", "2026-01-04")];
  expect(ids(list.sort(queueOrder))).toEqual(["urgent", "early", "late", "low"]);
});

it("never lets an import run backwards", () => {
  const old: Import = { id: "i", sourceId: "s", state: "succeeded", mode: "complete", total: 3, added: 3, changed: 0, unchanged: 0, removed: 0, failed: 0, chunks: 9, error: null, createdAt: "", startedAt: null, finishedAt: null };
  const event = { importId: "i", sourceId: "s", state: "running" as const, total: 3, added: 1, changed: 0, unchanged: 0, removed: 0, failed: 0, chunks: 2 };
  expect(mergeImport(old, event)).toEqual(old);
  expect(mergeImport({ ...old, state: "running", added: 0 }, event)).toMatchObject({ id: "i", added: 1, mode: "complete" });
});

describe("the caches", () => {
  it("take a message where its conversation is open, and nothing where it is not", () => {
    const client = new QueryClient();
    client.setQueryData(queries.messages("c").queryKey, [message(1)]);
    const event = (conversationId: string) => ({ type: "message" as const, data: { conversationId, seq: 2, at: "", message: message(2, { conversationId }) } });
    applyEvent(client, event("c"));
    applyEvent(client, event("other"));
    expect(client.getQueryData(queries.messages("c").queryKey)).toHaveLength(2);
    expect(client.getQueryData(queries.messages("other").queryKey)).toBeUndefined();
  });
  it("take a changed conversation in its own page and in every list", () => {
    const client = new QueryClient();
    const old: Conversation = { ...summary("a", "2026-01-01"), lastSeq: 4, ratingComment: null, resolutions: [], summary: null };
    client.setQueryData(queries.conversation("a").queryKey, old);
    const queue = queries.conversations({ owner: "queue" }).queryKey;
    client.setQueryData(queue, { pages: [{ items: [old], next: null }], pageParams: [undefined] });
    applyEvent(client, { type: "conversation", data: { conversation: summary("a", "2026-01-02", { owner: "agent", agentId: "u" }) } });
    expect(client.getQueryData<Conversation>(queries.conversation("a").queryKey)).toMatchObject({ owner: "agent", lastSeq: 4 });
    expect(client.getQueryData<{ pages: { items: unknown[] }[] }>(queue)?.pages[0]?.items).toEqual([]);
  });
});
