/** Keys by which a company's own server says who a visitor is: fetched where they are shown only. */
import { queryOptions } from "@tanstack/react-query";
import { get, post, remove } from "./http.ts";
import type { components } from "./schema.gen.ts";
import type { Whole } from "./shapes.ts";

type Sig = { signal?: AbortSignal };
export type IdentityKey = Whole<components["schemas"]["IdentityKey"]>;

export const identity = {
  list: async (s?: Sig) => (await get("/v1/identity-keys", s)).items,
  add: (name: string) => post("/v1/identity-keys", { body: { name } }),
  revoke: (id: string) => remove("/v1/identity-keys/{id}", { path: { id } }),
};

export const identityQueries = {
  all: queryOptions({ queryKey: ["identity-keys"], queryFn: ({ signal }) => identity.list({ signal }) }),
};
