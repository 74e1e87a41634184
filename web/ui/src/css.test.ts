import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { expect, it } from "vitest";

const web = resolve(import.meta.dirname, "../..");
const cssFiles = ["ui", "console"].flatMap((p) =>
  readdirSync(join(web, p, "src"), { recursive: true, encoding: "utf8" })
    .filter((f) => f.endsWith(".css"))
    .map((f) => join(web, p, "src", f)),
);

/** Declarations that name a side instead of the start or end of the line. */
export function physicalDeclarations(css: string): string[] {
  const bare = css.replace(/\/\*[\s\S]*?\*\//g, "");
  const property = /(?:^|[{;])\s*((?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right)[\w-]*|left|right|border-(?:top|bottom)-(?:left|right)-radius)\s*:/g;
  const value = /(?:^|[{;])\s*((?:float|clear|text-align)\s*:\s*(?:left|right))\b/g;
  return [...bare.matchAll(property), ...bare.matchAll(value)].map((m) => m[1] ?? "");
}

it("finds a side where there is one", () => {
  expect(physicalDeclarations(".a { margin-left: 1px; text-align: right; right: 0 } /* left: 0 */")).toEqual(["margin-left", "right", "text-align: right"]);
  expect(physicalDeclarations(".a { margin-inline-start: 1px; background: left }")).toEqual([]);
});

it.each(cssFiles)("%s says start and end, never left and right", (file) => {
  expect(physicalDeclarations(readFileSync(file, "utf8"))).toEqual([]);
});

it("defines every variable that Mantine's imported styles read", () => {
  const styles = readFileSync(join(web, "ui/src/styles.ts"), "utf8");
  const require = createRequire(import.meta.url);
  const root = dirname(require.resolve("@mantine/core/styles/Button.css"));
  const imported = [...styles.matchAll(/@mantine\/core\/styles\/(\w+\.css)/g)].map((m) => readFileSync(join(root, m[1] ?? ""), "utf8")).join("\n");
  const ours = readFileSync(join(web, "ui/src/mantine.css"), "utf8") + readFileSync(join(web, "ui/src/tokens.css"), "utf8");
  const defined = new Set([...(ours + imported).matchAll(/(--[\w-]+)\s*:/g)].map((m) => m[1]));
  // A reference with a fallback does not need the variable.
  const missing = [...imported.matchAll(/var\((--mantine-[\w-]+)\)/g)].map((m) => m[1]).filter((name) => !defined.has(name));
  expect([...new Set(missing)]).toEqual([]);
});
