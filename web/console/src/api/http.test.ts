import { expect, it } from "vitest";
import { addressOf } from "./http.ts";

it.each([
  ["/v1/a/{id}/b/{locale}", { path: { id: "x/y", locale: "pt-BR" } }, "/v1/a/x%2Fy/b/pt-BR"],
  ["/v1/a", { query: { q: "a b&c", limit: 0, cursor: undefined, state: "", on: false } }, "/v1/a?q=a+b%26c&limit=0&on=false"],
  ["/v1/a", {}, "/v1/a"],
])("%s with %j is %s", (path, o, expected) => expect(addressOf(path, o)).toBe(expected));
