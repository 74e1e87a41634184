import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { at } from "./assistant.ts";
import { ct } from "./confidence.ts";
import { mt } from "./costs.ts";
import { en } from "./en.ts";
import { kt } from "./knowledge.ts";
import { mo } from "./models.ts";
import { pv } from "./privacy.ts";
import { pt } from "./palette.ts";
import { qt } from "./quality.ts";
import { rt } from "./retrieval.ts";
import { st } from "./settings.ts";
import { tt } from "./tasks.ts";
import { vt } from "./conversations.ts";
import { wh } from "./webhooks.ts";
import { wd } from "./widgets.ts";
import { wt } from "./written.ts";

const src = join(import.meta.dirname, "..");
const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((f) => /\.tsx?$/.test(f) && !f.includes(".test.") && !f.startsWith("strings"))
  .map((f) => readFileSync(join(src, f), "utf8"));

/** Every place of the catalogue that a file names, also by a name of its own for a part of it ("const words = t.inbox"). */
export function named(code: string): string[] {
  const aliases: [name: string, path: string][] = ["t", "kt", "st", "tt", "at", "qt", "ct", "mt", "rt", "mo", "wt", "vt", "pt", "wh", "wd", "pv"].map((name) => [name, ""]);
  const rest = code.replaceAll(/const (\w+) = (\w+)((?:\.\w+)+);/g, (whole, name: string, root: string, path: string) => {
    const parent = aliases.find(([alias]) => alias === root);
    if (!parent) return whole;
    aliases.push([name, `${parent[1]}${path}`]);
    return "";
  });
  return aliases.flatMap(([name, path]) => [...rest.matchAll(new RegExp(`(?<![\\w.])${name}((?:\\??\\.\\w+)*)`, "g"))].map((m) => `${path}${m[1]?.replaceAll("?", "")}`)).filter(Boolean);
}

/** Texts that are named neither themselves nor by a branch above them, which stands for a look-up by a value. */
function unused(tree: object, uses: ReadonlySet<string>, path = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const at = `${path}.${key}`;
    if (uses.has(at)) return [];
    if (typeof value === "object" && value !== null) return unused(value as object, uses, at);
    // "t.trace.threshold.toLowerCase()" names the text, and then a method of it.
    return [...uses].some((use) => use.startsWith(`${at}.`)) ? [] : [at];
  });
}

it("knows what is named, and what is not", () => {
  const uses = new Set(named("const words = t.inbox; x(words.send, t.nav[id], t.problem?.offline)"));
  expect([...uses].sort()).toEqual([".inbox.send", ".nav", ".problem.offline"]);
  expect(unused({ inbox: { send: "", gone: "" }, nav: { home: "" } }, uses)).toEqual([".inbox.gone"]);
});

it("holds no text that nobody shows", () => expect(unused({ ...en, ...kt, ...st, ...tt, ...qt, ...ct, ...mt, ...rt, ...mo, ...wt, ...vt, ...pt, ...wh, ...wd, ...pv, assistant: { ...en.assistant, ...at.assistant } }, new Set(files.flatMap(named)))).toEqual([]));
