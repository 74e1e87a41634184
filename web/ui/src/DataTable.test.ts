import { describe, expect, it } from "vitest";
import { nextSorting, sorted } from "./DataTable.tsx";

describe("sorting", () => {
  const rows = [{ n: 10, s: "b10" }, { n: 2, s: "b2" }, { n: 2, s: "a" }];

  it("puts numbers by size and texts as people read them", () => {
    expect(sorted(rows, (r) => r.n, false).map((r) => r.s)).toEqual(["b2", "a", "b10"]);
    expect(sorted(rows, (r) => r.s, false).map((r) => r.s)).toEqual(["a", "b2", "b10"]);
  });

  it("keeps the order of equal rows, up and down, and leaves the list it was given alone", () => {
    expect(sorted(rows, (r) => r.n, true).map((r) => r.s)).toEqual(["b10", "b2", "a"]);
    expect(rows[0]?.n).toBe(10);
  });

  it("leaves the rows as they came without a column", () => expect(sorted(rows, undefined, true)).toEqual(rows));

  it("goes up, down and back; another column begins anew", () => {
    const up = nextSorting(undefined, "n");
    const down = nextSorting(up, "n");
    expect([up, down, nextSorting(down, "n")]).toEqual([{ id: "n", desc: false }, { id: "n", desc: true }, undefined]);
    expect(nextSorting(down, "s")).toEqual({ id: "s", desc: false });
  });
});
