import { describe, expect, it } from "vitest";
import { exact, money } from "@/strings/costs";
import { allDays, daysOf, stack } from "./costDays.ts";

describe("days", () => {
  const late = Date.parse("2026-03-01T23:59:59Z");
  it("are those of UTC, the running one included", () => {
    expect(daysOf("7", late)).toEqual({ from: "2026-02-23", to: "2026-03-01" });
    expect(daysOf("month", late)).toEqual({ from: "2026-03-01", to: "2026-03-01" });
    expect(allDays("2026-02-27", "2026-03-02")).toEqual(["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]);
  });
});

describe("a stack of days", () => {
  const row = (key: string, part: string | null, cost: number) => ({ key, part, cost });
  it("has a column for each day, also for one without costs, and colours by the total", () => {
    const s = stack([row("2026-03-01", "a", 1), row("2026-03-01", null, 4), row("2026-03-03", "a", 2)], "2026-03-01", "2026-03-03", 6);
    expect(s.parts).toEqual([{ key: null, cost: 4 }, { key: "a", cost: 3 }]);
    expect(s.days.map((d) => [d.cost, ...d.parts])).toEqual([[5, 4, 1], [0, 0, 0], [2, 0, 2]]);
    expect(s.most).toBe(5);
  });
  it("puts what has no colour left into one part, and loses nothing", () => {
    const s = stack(["a", "b", "c", "d"].map((part, i) => row("2026-03-01", part, 4 - i)), "2026-03-01", "2026-03-01", 3);
    expect(s.parts).toEqual([{ key: "a", cost: 4 }, { key: "b", cost: 3 }, { key: undefined, cost: 3 }]);
    expect(s.days[0]?.parts).toEqual([4, 3, 3]);
  });
  it("of nothing is empty days", () => expect(stack([], "2026-03-01", "2026-03-02", 6)).toMatchObject({ parts: [], most: 0, days: [{ cost: 0 }, { cost: 0 }] }));
});

describe("money", () => {
  it.each([[0, "$0.00"], [12.345, "$12.35"], [1, "$1.00"], [0.5, "$0.50"], [0.01234, "$0.0123"], [0.000123456, "$0.000123"], [0.0000001, "< $0.000001"], [-0.25, "-$0.25"], [1234567.8, "$1,234,567.80"]])(
    "%d is %s",
    (n, text) => expect(money(n)).toBe(text),
  );
  it("is exact where it is a call's", () => expect(exact(0.123456789)).toBe("$0.123456789"));
});
