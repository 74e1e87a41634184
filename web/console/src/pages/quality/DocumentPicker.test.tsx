import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, expect, it, vi } from "vitest";
import { DocumentPicker, type Picked } from "./DocumentPicker.tsx";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
afterEach(() => vi.unstubAllGlobals());

const documents = [{ id: "1", title: "Refunds" }, { id: "2", title: "Refused cards" }];

async function typed(text: string) {
  const asked: string[] = [];
  vi.stubGlobal("Request", class { constructor(readonly url: string) {} clone() { return this; } headers = new Headers(); method = "GET"; });
  vi.stubGlobal("fetch", (r: { url: string }) => {
    asked.push(r.url);
    return Promise.resolve(new Response(JSON.stringify({ items: text === "ref" ? documents : [], next: null })));
  });
  const root = document.createElement("div");
  const chosen: (Picked | null)[] = [];
  const field = () => root.querySelector("input") as HTMLInputElement;
  await act(async () =>
    createRoot(root).render(
      <MantineProvider env="test">
        <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
          <DocumentPicker value={null} error={undefined} onChange={(d) => chosen.push(d)} />
        </QueryClientProvider>
      </MantineProvider>,
    ),
  );
  await act(async () => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(field(), text);
    field().dispatchEvent(new Event("input", { bubbles: true }));
  });
  const answered = () => field().getAttribute("aria-expanded") === "true" || root.querySelector("[role=status]")?.textContent !== "";
  for (let tries = 0; tries < 500 && !answered(); tries++) await act(() => new Promise<void>((r) => setTimeout(r, 10)));
  const press = (key: string) => act(async () => void field().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })));
  return { root, field, chosen, asked, press };
}

it("finds documents by what is typed and is worked with the keyboard alone", async () => {
  const { root, field, chosen, asked, press } = await typed("ref");
  expect(asked[0]).toContain("q=ref");
  expect(field().getAttribute("aria-expanded")).toBe("true");
  await press("ArrowDown");
  expect(root.querySelector("[aria-selected=true]")?.textContent).toBe("Refused cards");
  expect(field().getAttribute("aria-activedescendant")).toBe(root.querySelector("[aria-selected=true]")?.id);
  await press("Enter");
  expect(chosen).toEqual([{ id: "2", title: "Refused cards" }]);
  await press("Escape");
  expect(field().getAttribute("aria-expanded")).toBe("false");
});

it("says that it found none", async () => {
  const { root, field } = await typed("zzz");
  expect(field().getAttribute("aria-expanded")).toBe("false");
  expect(root.querySelector("[role=status]")?.textContent).toBe("No document has these words in its title.");
});
