/** How questions are looked up: apart from the other calls, so that only its own page fetches them. */
import { queryOptions } from "@tanstack/react-query";
import { as } from "./calls.ts";
import { get, post, put } from "./http.ts";
import type { components } from "./schema.gen.ts";
import type { Refine, Whole } from "./shapes.ts";

type V<K extends keyof components["schemas"]> = Whole<components["schemas"][K]>;

export type RetrievalSettings = V<"RetrievalSettings">;
export type VectorProgress = Refine<V<"VectorProgress">, { state: "waiting" | "making" | "halted" | "complete" }>;
export type Retrieval = Refine<V<"RetrievalView">, { settings: RetrievalSettings; vectors: VectorProgress | null }>;

const moving = (r: Retrieval | undefined) => r !== undefined && r.vectors !== null && r.vectors.state !== "complete";

export const retrieval = {
  query: queryOptions({
    queryKey: ["retrieval"],
    queryFn: ({ signal }) => as<Retrieval>(get("/v1/knowledge/retrieval", { signal })),
    refetchInterval: ({ state }) => (moving(state.data) ? 3_000 : false),
  }),
  save: (body: RetrievalSettings) => as<Retrieval>(put("/v1/knowledge/retrieval", { body })),
  retry: () => as<Retrieval>(post("/v1/knowledge/retrieval/retry")),
};
