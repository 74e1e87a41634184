/** Brands, apart from the other calls, so that only their own pages fetch them. */
import { queryOptions } from "@tanstack/react-query";
import { get, patch, post, put, remove } from "./http.ts";
import type { components } from "./schema.gen.ts";
import type { Whole } from "./shapes.ts";

type Sig = { signal?: AbortSignal };

export type Brand = Whole<components["schemas"]["BrandView"]>;
export type BrandEntry = { name: string; color: string | null; supportAddress: string | null; privacyUrl: string | null; termsUrl: string | null };

export const brands = {
  list: async (s?: Sig) => (await get("/v1/brands", s)).items as Brand[],
  add: async (body: BrandEntry) => (await post("/v1/brands", { body })) as Brand,
  change: async (id: string, body: BrandEntry) => (await put("/v1/brands/{id}", { path: { id }, body })) as Brand,
  remove: (id: string) => remove("/v1/brands/{id}", { path: { id } }),
  setLogo: (id: string, image: string) => put("/v1/brands/{id}/logo", { path: { id }, body: { image } }),
  removeLogo: (id: string) => remove("/v1/brands/{id}/logo", { path: { id } }),
  give: (widgetId: string, brandId: string) => patch("/v1/widgets/{id}", { path: { id: widgetId }, body: { brandId } }),
  /** Changes with the picture, so that the browser fetches it anew. */
  logo: (brand: Brand) => `/v1/brands/${brand.id}/logo?v=${brand.logo ?? ""}`,
};

export const brandQueries = {
  all: queryOptions({ queryKey: ["brands"], queryFn: ({ signal }) => brands.list({ signal }) }),
};
