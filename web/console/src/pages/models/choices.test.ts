import { expect, it } from "vitest";
import type { CatalogueEntry, ModelAccount, ModelChoice } from "@/api/models";
import { accountsFor, at, modelsFor, moved, placesOf, withChoice, withModel, without, withoutModel } from "./choices.ts";

const choice = (feature: ModelChoice["feature"], tier: ModelChoice["tier"], model: string, accountId = "a"): ModelChoice => ({ feature, tier, accountId, model });
const entry = (provider: string, model: string, kind: string, images = false) => ({ model: { provider, model, kind, capabilities: { images } } }) as unknown as CatalogueEntry;
const account = (id: string, provider: string) => ({ id, provider }) as ModelAccount;
const small = { feature: "answer", tier: "small" } as const;

const choices = [choice("answer", "small", "x"), choice("embed", "small", "v"), choice("answer", "small", "y"), choice("answer", "large", "z"), choice("answer", "small", "z")];

it("has three places for answers and one for everything else", () => {
  expect(placesOf("answer").map((p) => p.tier)).toEqual(["small", "medium", "large"]);
  expect(placesOf("rerank")).toEqual([{ feature: "rerank", tier: "small" }]);
});

it("moves a model among those of its own place only", () => {
  const [x, , y] = choices as [ModelChoice, ModelChoice, ModelChoice];
  expect(at(moved(choices, y, -1), small).map((c) => c.model)).toEqual(["y", "x", "z"]);
  expect(at(moved(choices, x, 1), small).map((c) => c.model)).toEqual(["y", "x", "z"]);
  expect(moved(choices, x, -1)).toEqual(choices);
  expect(at(moved(choices, y, -1), { feature: "embed", tier: "small" }).map((c) => c.model)).toEqual(["v"]);
});

it("adds at the end and once, and removes what is meant", () => {
  expect(withChoice(choices, choice("answer", "small", "x"))).toEqual(choices);
  expect(at(withChoice(choices, choice("answer", "small", "x", "b")), small).map((c) => c.accountId)).toEqual(["a", "a", "a", "b"]);
  expect(at(without(choices, choice("answer", "small", "z")), { feature: "answer", tier: "large" })).toHaveLength(1);
});

it("offers only what can serve", () => {
  const catalogue = [entry("openai", "writes", "chat"), entry("openai", "sees", "chat", true), entry("openai", "v", "embedding"), entry("openai", "w", "embedding"), entry("cohere", "r", "rerank")];
  const [openai, cohere] = [account("1", "openai"), account("2", "cohere")];
  const names = (place: Parameters<typeof modelsFor>[0], of: ModelAccount, chosen: ModelChoice[] = []) => modelsFor(place, of, catalogue, chosen).map((e) => e.model.model);
  expect(names(small, openai)).toEqual(["writes", "sees"]);
  expect(names({ feature: "vision", tier: "small" }, openai)).toEqual(["sees"]);
  expect(names({ feature: "embed", tier: "small" }, openai)).toEqual(["v", "w"]);
  expect(names({ feature: "embed", tier: "small" }, openai, [choice("embed", "small", "v")])).toEqual(["v"]);
  expect(accountsFor({ feature: "rerank", tier: "small" }, [openai, cohere], catalogue, []).map((a) => a.id)).toEqual(["2"]);
});

it("keeps one entry of a model", () => {
  const llama = { provider: "openai-compatible", model: "llama", kind: "chat" } as const;
  const priced = { ...llama, prices: { input: 0, output: 0 } };
  expect(withModel([llama], priced)).toEqual([priced]);
  expect(withoutModel([priced, { ...llama, provider: "openai" }], llama)).toEqual([{ ...llama, provider: "openai" }]);
});
