import subsetFont from "subset-font";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import type { Plugin } from "vite";

const file = "inter-latin-wght-normal.woff2";

/** The weights and the features of the font that our styles ask for; what else it can do is two fifths of it. */
const axes = { wght: { min: 400, max: 700 } };
const features = ["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "rvrn", "rlig", "tnum", "cv11", "ss03"];

/** The letters that the style sheet of the font promises to have. */
function letters(css: string): string {
  const face = css.split("@font-face").find((x) => x.includes(file)) ?? "";
  const ranges = [...(/unicode-range:\s*([^;]+)/.exec(face)?.[1] ?? "").matchAll(/U\+([0-9A-F]+)(?:-([0-9A-F]+))?/gi)];
  if (ranges.length === 0) throw new Error(`The style sheet of the font does not say which letters ${file} has.`);
  return ranges.flatMap(([, from = "", to = from]) => Array.from({ length: Number.parseInt(to, 16) - Number.parseInt(from, 16) + 1 }, (_, i) => String.fromCodePoint(Number.parseInt(from, 16) + i))).join("");
}

/** The font that every visit fetches, without what nothing on our pages uses. */
export function smallFont(): Plugin {
  const folder = join(dirname(createRequire(import.meta.url).resolve("vite/package.json")), "..", ".cache", "parley-font");
  return {
    name: "parley-small-font",
    enforce: "pre",
    async transform(css, id) {
      if (!id.split("?")[0]?.endsWith("@fontsource-variable/inter/wght.css")) return null;
      const from = join(dirname(id), "files", file);
      const small = await subsetFont(readFileSync(from), letters(css), { targetFormat: "woff2", keepFeatures: features, variationAxes: axes, noHinting: true });
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, file), small);
      return { code: css.replace(`./files/${file}`, relative(dirname(id), join(folder, file))), map: null };
    },
  };
}
