import { describe, expect, it } from "vitest";
import { gaps, rangeWith } from "./virtual.ts";

const range = { startIndex: 100, endIndex: 104, overscan: 1, count: 5000 };

describe("a long list", () => {
  it("has the rows in view and some around them", () => expect(rangeWith(range, -1)).toEqual([99, 100, 101, 102, 103, 104, 105]));

  it("keeps the row that has the focus, above or below what is seen", () => {
    expect(rangeWith(range, 3)).toEqual([3, 99, 100, 101, 102, 103, 104, 105]);
    expect(rangeWith(range, 4000).at(-1)).toBe(4000);
    expect(rangeWith(range, 102)).toHaveLength(7);
    expect(rangeWith(range, 5000), "a row that is gone").toHaveLength(7);
  });

  it("stands for what is not there by distances that add up to all of it", () => {
    const items = [{ start: 210, end: 230 }, { start: 500, end: 520 }, { start: 520, end: 550 }];
    const { before, after } = gaps(items, 200, 1000);
    expect(before).toEqual([10, 270, 0]);
    expect(before.reduce((a, b) => a + b, 0) + after + 20 + 20 + 30).toBe(1000);
    expect(gaps([], 200, 1000)).toEqual({ before: [], after: 1000 });
  });
});
