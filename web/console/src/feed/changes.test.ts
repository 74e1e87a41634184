import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { applyChange, staleAfter } from "./changes.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const names = (what: string, id: string | null = null) => staleAfter(what, id).map((k) => k.join("/"));

it("knows which answers a change makes old, by the most telling name", () => {
  expect(names("tasks")).toEqual(["audit", "tasks"]);
  expect(names("knowledge/articles")).toContain("article");
  expect(names("conversations/views")).toEqual(["audit", "views"]);
  expect(names("conversations", "7")).toContain("conversation/7");
  expect(names("something/new"), "an older console survives a newer server").toEqual(["audit"]);
});

it("asks once for all that comes in a moment, and not while something of ours is on its way", async () => {
  const client = new QueryClient();
  const asked = vi.spyOn(client, "invalidateQueries");
  const busy = vi.spyOn(client, "isMutating").mockReturnValue(1);
  applyChange(client, "tasks", null);
  applyChange(client, "tasks", null);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).not.toHaveBeenCalled();
  busy.mockReturnValue(0);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked.mock.calls.map(([f]) => f?.queryKey)).toEqual([["audit"], ["tasks"]]);
});
