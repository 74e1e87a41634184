import { toasts } from "@parley/ui";
import { QueryClient, QueryClientProvider, type InfiniteData } from "@tanstack/react-query";
import { act, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { beforeEach, expect, it } from "vitest";
import { Problem } from "@/api/problem";
import { inPages, settled, useOptimistic } from "./optimistic.ts";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

type Item = { id: string; done: boolean };
const list = (done: boolean): InfiniteData<{ items: Item[] }> => ({ pages: [{ items: [{ id: "1", done }, { id: "2", done: false }] }], pageParams: [] });

let change: ReturnType<typeof useOptimistic<boolean>>;
let answers: { value: boolean; resolve: () => void; reject: (e: Error) => void }[] = [];
let failed: boolean[] = [];
const client = new QueryClient();

function Tick() {
  const own = useOptimistic<boolean>({
    scope: "1",
    run: (value) => new Promise((resolve, reject) => answers.push({ value, resolve: () => resolve(null), reject })),
    touches: [["items"]],
    show: (c, value) => inPages<Item>(c, ["items"], (x) => (x.id === "1" ? { ...x, done: value } : x)),
    said: (value) => (value ? "Done" : "Open"),
    opposite: (value) => !value,
    failed: (value) => failed.push(value),
  });
  useEffect(() => {
    change = own;
  });
  return null;
}

const shown = () => client.getQueryData<InfiniteData<{ items: Item[] }>>(["items"])?.pages[0]?.items[0]?.done;
const run = (value: boolean) => act(async () => change.run(value));
const answer = (how: (a: (typeof answers)[number]) => void) => act(async () => how(answers.shift() as never));

beforeEach(async () => {
  answers = [];
  failed = [];
  toasts.clear();
  client.clear();
  client.setQueryData(["items"], list(false));
  await act(async () =>
    createRoot(document.createElement("div")).render(
      <QueryClientProvider client={client}>
        <Tick />
      </QueryClientProvider>,
    ),
  );
});

it("shows at once and says so, before there is an answer", async () => {
  await run(true);
  expect(shown()).toBe(true);
  expect(toasts.get().map((x) => x.text)).toEqual(["Done"]);
  await answer((a) => a.resolve());
  expect(shown()).toBe(true);
});

it("is taken back by the same message, after what it takes back", async () => {
  await run(true);
  await act(async () => void toasts.undo());
  expect(answers.map((a) => a.value), "the second waits for the first").toEqual([true]);
  await answer((a) => a.resolve());
  expect(answers.map((a) => a.value)).toEqual([false]);
  await answer((a) => a.resolve());
  expect(shown()).toBe(false);
  expect(toasts.undo(), "an undo is not undone").toBe(false);
});

it("is as it was where the server refuses, and says why", async () => {
  await run(true);
  await answer((a) => a.reject(new Problem(409, "taken", "Somebody else was faster.")));
  expect(shown()).toBe(false);
  expect(failed).toEqual([true]);
  expect(toasts.get().map((x) => [x.kind, x.detail])).toEqual([["error", "Somebody else was faster."]]);
});

it("lets what builds on it wait", async () => {
  const order: string[] = [];
  await run(true);
  void settled(client, "1").then(() => order.push("sent"));
  await act(async () => {});
  expect(order).toEqual([]);
  await answer((a) => a.resolve());
  expect(order).toEqual(["sent"]);
});
