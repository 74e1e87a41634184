import { expect, it } from "vitest";
import type { ConversationSummary } from "@/api/types";
import { acted, opposites } from "./bulk.ts";

const tag = { id: "t", name: "VIP", color: "red" as const };
const c = (id: string, change: Partial<ConversationSummary> = {}) => ({ id, status: "open", owner: "assistant", agentId: null, agentName: null, tags: [], ...change }) as unknown as ConversationSummary;
const known = { tags: [tag], agents: [{ userId: "ann", name: "Ann" }] };
const list = (...all: ConversationSummary[]) => new Map(all.map((x) => [x.id, x]));

it("shows what was chosen before the server has answered", () => {
  expect(acted(c("1"), { action: "tag", tagId: "t" }, known).tags).toEqual([tag]);
  expect(acted(c("1", { tags: [tag] }), { action: "tag", tagId: "t" }, known).tags).toHaveLength(1);
  expect(acted(c("1", { tags: [tag] }), { action: "untag", tagId: "t" }, known).tags).toEqual([]);
  expect(acted(c("1"), { action: "close", resolved: true }, known).status).toBe("closed");
  expect(acted(c("1"), { action: "assign", agentId: "ann" }, known)).toMatchObject({ owner: "agent", agentName: "Ann" });
});

it("takes back only what changed", () => {
  const before = list(c("1"), c("2", { tags: [tag], status: "closed" }));
  expect(opposites([{ ids: ["1", "2"], action: { action: "tag", tagId: "t" } }], before)).toEqual([{ ids: ["1"], action: { action: "untag", tagId: "t" } }]);
  expect(opposites([{ ids: ["1", "2"], action: { action: "untag", tagId: "t" } }], before)).toEqual([{ ids: ["2"], action: { action: "tag", tagId: "t" } }]);
  expect(opposites([{ ids: ["1", "2"], action: { action: "close", resolved: true } }], before)).toEqual([{ ids: ["1"], action: { action: "reopen" } }]);
  expect(opposites([{ ids: ["2"], action: { action: "tag", tagId: "t" } }], before), "nothing changed").toBeNull();
});

it("gives each conversation back to who had it, and offers nothing where nobody had", () => {
  const agents = (id: string, agentId: string) => c(id, { owner: "agent", agentId });
  const assign = (...ids: string[]) => [{ ids, action: { action: "assign", agentId: "ann" } as const }];
  expect(opposites(assign("1", "2", "3", "4"), list(agents("1", "bob"), agents("2", "cleo"), agents("3", "bob"), agents("4", "ann")))).toEqual([
    { ids: ["1", "3"], action: { action: "assign", agentId: "bob" } },
    { ids: ["2"], action: { action: "assign", agentId: "cleo" } },
  ]);
  expect(opposites(assign("1", "2"), list(agents("1", "bob"), c("2")))).toBeNull();
  expect(opposites([{ ids: ["1"], action: { action: "reopen" } }], list(c("1"))), "how it had ended is not known").toBeNull();
  expect(opposites(assign("9"), list(c("1"))), "not on the page any more").toBeNull();
});
