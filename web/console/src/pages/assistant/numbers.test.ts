import { expect, it } from "vitest";
import { amount, isAmount, isFraction, isWhole } from "./numbers.ts";

it("reads what people type", () => {
  expect([amount(""), amount(" 0,6 "), amount("100")]).toEqual([null, 0.6, 100]);
  expect(["", "0", "1", "0.35", "1,0"].every(isFraction)).toBe(true);
  expect(["1.1", "-0.1", "much"].some(isFraction)).toBe(false);
  expect([isAmount(""), isAmount("99.50"), isAmount("-1"), isAmount("x")]).toEqual([true, true, false, false]);
});

it("knows a whole number within its bounds", () => {
  expect(isWhole("3", 1, 20)).toBe(true);
  expect(["", "0", "21", "2.5", "-1", "x"].some((x) => isWhole(x, 1, 20))).toBe(false);
});
