/** Accounts of model providers, what serves what, and the catalogue: apart from the other calls, so that only their own page fetches them. */
import { queryOptions } from "@tanstack/react-query";
import { as } from "./calls.ts";
import { get, remove, request } from "./http.ts";
import type { components } from "./schema.gen.ts";
import type { Refine, Whole } from "./shapes.ts";

type V<K extends keyof components["schemas"]> = Whole<components["schemas"][K]>;
type Sig = { signal?: AbortSignal };

export const features = ["answer", "rewrite", "judge", "summarise", "vision", "embed", "rerank"] as const;
export const tiers = ["small", "medium", "large"] as const;
export type Feature = (typeof features)[number];
export type Tier = V<"ModelTier">;
export type ModelKind = V<"ModelKind">;

export type ModelAccount = V<"ModelAccountItem">;
export type ModelInfo = V<"ModelInfo">;
export type ModelPrices = V<"ModelPrices">;
export type CatalogueEntry = V<"CatalogueEntry">;
export type CatalogueProvider = V<"CatalogueProvider">;
export type ModelCatalogue = V<"ModelCatalogueView">;
export type ModelChoice = Refine<V<"ModelChoice">, { feature: Feature }>;
export type ModelSettings = Refine<V<"ModelSettings">, { choices: ModelChoice[] }>;
export type ModelSettingsDetail = Refine<V<"ModelSettingsDetail">, { settings: ModelSettings }>;
export type ModelSettingsVersion = V<"ModelSettingsVersion">;
export type ModelTestResult = V<"ModelTestResult">;

/** A key that is null stays as it was; an empty one is taken away. */
export type AccountEntry = {
  name: string;
  provider: string;
  baseUrl: string | null;
  apiKey: string | null;
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  concurrency: number | null;
  enabled: boolean;
  version?: number;
};
export type TestEntry = { feature: Feature; model: string; provider?: string; baseUrl?: string; apiKey?: string };
/** An entry as it is sent: the server dates what has no date. */
export type OwnModel = Partial<Omit<ModelInfo, "capabilities" | "prices">> & Pick<ModelInfo, "provider" | "model" | "kind"> & { capabilities?: Partial<ModelInfo["capabilities"]>; prices?: Partial<ModelPrices> | null };
export type SettingsBody = Omit<ModelSettings, "models"> & { models: OwnModel[] };

export const models = {
  accounts: async (s?: Sig) => (await as<{ items: ModelAccount[] }>(get("/v1/models/accounts", s))).items,
  add: (body: AccountEntry) => request<ModelAccount>("post", "/v1/models/accounts", { body }),
  change: (id: string, body: AccountEntry) => request<ModelAccount>("put", `/v1/models/accounts/${id}`, { body }),
  remove: (id: string, removeChoices: boolean) => remove("/v1/models/accounts/{id}", { path: { id }, query: { removeChoices } }),
  /** Of a saved account, or of what is not saved yet. */
  test: (id: string | null, body: TestEntry) => request<ModelTestResult>("post", id ? `/v1/models/accounts/${id}/test` : "/v1/models/test", { body }),
  settings: (s?: Sig) => as<ModelSettingsDetail>(get("/v1/models/settings", s)),
  save: (body: { settings: SettingsBody; version: number; note?: string }) => request<ModelSettingsDetail>("put", "/v1/models/settings", { body }),
  versions: async (s?: Sig) => (await get("/v1/models/settings/versions", s)).items,
  version: (version: number, s?: Sig) => as<ModelSettingsDetail>(get("/v1/models/settings/versions/{version}", { path: { version }, ...s })),
  publish: (version: number) => request<ModelSettingsDetail>("post", "/v1/models/settings/publish", { body: { version } }),
  catalogue: (s?: Sig): Promise<ModelCatalogue> => get("/v1/models/catalogue", s),
};

export const modelQueries = {
  accounts: queryOptions({ queryKey: ["models", "accounts"], queryFn: ({ signal }) => models.accounts({ signal }) }),
  settings: queryOptions({ queryKey: ["models", "settings"], queryFn: ({ signal }) => models.settings({ signal }) }),
  catalogue: queryOptions({ queryKey: ["models", "catalogue"], queryFn: ({ signal }) => models.catalogue({ signal }) }),
  versions: queryOptions({ queryKey: ["models", "versions"], queryFn: ({ signal }) => models.versions({ signal }) }),
  version: (version: number) => queryOptions({ queryKey: ["models", "version", version], queryFn: ({ signal }) => models.version(version, { signal }), staleTime: Infinity }),
};
