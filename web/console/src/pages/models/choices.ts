import { tiers, type CatalogueEntry, type Feature, type ModelAccount, type ModelChoice, type ModelKind, type OwnModel, type Tier } from "@/api/models";

/** A place that models can serve: a feature, and of answers a tier. */
export type Place = { feature: Feature; tier: Tier };

export const placesOf = (feature: Feature): Place[] => (feature === "answer" ? tiers.map((tier) => ({ feature, tier })) : [{ feature, tier: "small" }]);

export const kindOf = (feature: Feature): ModelKind => (feature === "embed" ? "embedding" : feature === "rerank" ? "rerank" : "chat");

const isAt = (place: Place) => (c: ModelChoice) => c.feature === place.feature && c.tier === place.tier;

export const at = (choices: readonly ModelChoice[], place: Place): ModelChoice[] => choices.filter(isAt(place));

export const same = (a: ModelChoice, b: ModelChoice) => a.feature === b.feature && a.tier === b.tier && a.accountId === b.accountId && a.model === b.model;

/** One step earlier (-1) or later (1) among those of its place; at the end of them nothing happens. */
export function moved(choices: readonly ModelChoice[], choice: ModelChoice, by: -1 | 1): ModelChoice[] {
  const peers = at(choices, choice);
  const other = peers[peers.findIndex((c) => same(c, choice)) + by];
  if (!other) return [...choices];
  return choices.map((c) => (same(c, choice) ? other : same(c, other) ? choice : c));
}

export const without = (choices: readonly ModelChoice[], choice: ModelChoice): ModelChoice[] => choices.filter((c) => !same(c, choice));

/** At the end of its place; one that is there already stays where it is. */
export const withChoice = (choices: readonly ModelChoice[], choice: ModelChoice): ModelChoice[] => (choices.some((c) => same(c, choice)) ? [...choices] : [...choices, choice]);

/** The models of an account's provider that can serve a place. What makes the vectors must stay the same everywhere. */
export function modelsFor(place: Place, account: ModelAccount | undefined, catalogue: readonly CatalogueEntry[], choices: readonly ModelChoice[]): CatalogueEntry[] {
  const embeds = place.feature === "embed" ? at(choices, place)[0]?.model : undefined;
  return catalogue.filter(
    ({ model: m }) => m.provider === account?.provider && m.kind === kindOf(place.feature) && (place.feature !== "vision" || m.capabilities.images) && (embeds === undefined || m.model === embeds),
  );
}

/** Accounts that could serve a place at all. */
export const accountsFor = (place: Place, accounts: readonly ModelAccount[], catalogue: readonly CatalogueEntry[], choices: readonly ModelChoice[]) =>
  accounts.filter((a) => modelsFor(place, a, catalogue, choices).length > 0);

/** Own entries with one of them put in place of an earlier one of the same model. */
export const withModel = (own: readonly OwnModel[], model: OwnModel): OwnModel[] => [...withoutModel(own, model), model];

export const withoutModel = (own: readonly OwnModel[], { provider, model }: Pick<OwnModel, "provider" | "model">): OwnModel[] => own.filter((m) => m.provider !== provider || m.model !== model);
