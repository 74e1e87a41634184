import { describe, expect, it } from "vitest";
import { matching } from "./matching.ts";

const entries = [{ name: "Go to Inbox" }, { name: "API keys", note: "Settings" }, { name: "Budget", note: "Costs" }, { name: "Inbox rules" }, { name: "Größe", note: 3 }];
const names = (q: string) => matching(entries, q).map((e) => e.name);

describe("finding commands by name", () => {
  it("offers everything to whoever has typed nothing", () => expect(names(" ")).toHaveLength(5));
  it("takes beginnings of words, in any order", () => expect(names("set ap")).toEqual(["API keys"]));
  it("puts names that begin so first", () => expect(names("inb")).toEqual(["Inbox rules", "Go to Inbox"]));
  it("overlooks accents and case", () => expect(names("GROß")).toEqual(["Größe"]));
  it("finds nothing inside of words", () => expect(names("udget")).toEqual([]));
});
