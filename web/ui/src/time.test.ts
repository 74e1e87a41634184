import { expect, it } from "vitest";
import { formatDuration, formatRelative, relativeParts } from "./time.ts";
import { initials } from "./PersonAvatar.tsx";

const now = Date.UTC(2026, 0, 31, 12);
const ago = (seconds: number) => relativeParts(now - seconds * 1000, now);

it("names the largest unit that fits", () => {
  expect(ago(10)).toBeNull();
  expect(ago(50)).toEqual({ value: -1, unit: "minute" });
  expect(ago(59 * 60)).toEqual({ value: -1, unit: "hour" });
  expect(ago(26 * 3600)).toEqual({ value: -1, unit: "day" });
  expect(ago(40 * 86400)).toEqual({ value: -1, unit: "month" });
  expect(ago(-3 * 3600)).toEqual({ value: 3, unit: "hour" });
});

it("speaks the reader's language", () => {
  expect(formatRelative(now - 300_000, now, "long", "en")).toBe("5 minutes ago");
  expect(formatRelative(now - 300_000, now, "long", "de")).toBe("vor 5 Minuten");
  expect(formatRelative(now, now, "long", "en")).toBe("now");
});

it.each([
  [0.04, "40 µs"],
  [0.42, "0.4 ms"],
  [12.4, "12 ms"],
  [1340, "1.3 s"],
  [125_000, "2 min 5 s"],
])("%d ms reads %s", (ms, text) => expect(formatDuration(ms, "en")).toBe(text));

it.each([
  ["Ada Lovelace", "AL"],
  ["ada", "A"],
  ["  ", ""],
  ["Œuvre Élan Zoë", "ŒZ"],
  ["山田 太郎", "山太"],
])("the initials of “%s” are %s", (name, expected) => expect(initials(name)).toBe(expected));
