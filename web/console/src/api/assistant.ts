/** The assistant's face and its words: apart from the other calls, so that only their own pages fetch them. */
import { queryOptions } from "@tanstack/react-query";
import { as } from "./calls.ts";
import { get, post } from "./http.ts";

type Sig = { signal?: AbortSignal };
type ByTone = Record<string, Record<string, string>>;
export type AssistantTexts = { language: string; languages: string[]; tones: ByTone; handover: ByTone };

export const assistantCalls = {
  addAvatar: (id: string, data: string) => post("/v1/assistants/{id}/avatars", { path: { id }, body: { data } }),
  texts: (language: string, s?: Sig) => as<AssistantTexts>(get("/v1/assistant/texts", { query: { language }, ...s })),
};

export const assistantQueries = {
  /** What the product says in each tone; it changes with the product only. */
  texts: (language: string) => queryOptions({ queryKey: ["assistant-texts", language], queryFn: ({ signal }) => assistantCalls.texts(language, { signal }), staleTime: Infinity }),
};
