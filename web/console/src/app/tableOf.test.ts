import { expect, it } from "vitest";
import { readAll } from "./tableOf.tsx";
import { fileName } from "./tables.ts";

const pages = (total: number, size: number) => (cursor: string | undefined) => {
  const from = Number(cursor ?? 0);
  const items = Array.from({ length: Math.min(size, total - from) }, (_, i) => from + i);
  return Promise.resolve({ items, next: from + size < total ? String(from + size) : null });
};

it("reads on from what is loaded, to the end", async () => {
  const asked: (string | undefined)[] = [];
  const next = pages(120, 50);
  const first = await next(undefined);
  const { rows, whole } = await readAll([first], (cursor) => (asked.push(cursor), next(cursor)));
  expect(rows).toEqual(Array.from({ length: 120 }, (_, i) => i));
  expect([whole, asked]).toEqual([true, ["50", "100"]]);
});

it("reads from the beginning where nothing is loaded, and nothing where there is no more", async () => {
  expect((await readAll([], pages(3, 50))).rows).toEqual([0, 1, 2]);
  expect((await readAll([{ items: [1], next: null }], () => Promise.reject(new Error()))).rows).toEqual([1]);
});

it("stops at the bound and says so", async () => {
  expect(await readAll([], pages(500, 50), 100)).toMatchObject({ whole: false, rows: { length: 100 } });
  expect(await readAll([], pages(100, 50), 100), "exactly as many").toMatchObject({ whole: true, rows: { length: 100 } });
  expect(await readAll([], pages(90, 60), 70)).toMatchObject({ whole: false, rows: { length: 70 } });
});

it("names the file after the table and the day", () => {
  const day = new Date("2026-05-03T12:00:00Z");
  expect(fileName("Fields & rôles: all", day)).toBe("fields-rôles-all-2026-05-03.csv");
  expect(fileName("…", day)).toBe("table-2026-05-03.csv");
});
