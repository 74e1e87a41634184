// @vitest-environment node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import { expect, it } from "vitest";

const described = pathToFileURL(join(import.meta.dirname, "../../../../docs/openapi.json"));

it("has the types of the API as it is described; after a change: npm run generate -w web/console", { timeout: 60_000 }, async () => {
  const fresh = astToString(await openapiTS(described));
  const kept = readFileSync(join(import.meta.dirname, "schema.gen.ts"), "utf8");
  expect(kept.endsWith(fresh)).toBe(true);
});
