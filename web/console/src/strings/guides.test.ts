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

const folder = join(import.meta.dirname, "../../../../docs/guides");
const texts = (tree: object): string[] => Object.values(tree).flatMap((x) => (typeof x === "string" ? [x] : typeof x === "object" && x !== null ? texts(x as object) : []));
const shown = new Set(texts({ en, kt, st, tt, at, qt, ct, mt, rt, mo, wt, vt, pt, wh, wd, pv }));

it.each(readdirSync(folder).filter((f) => f.endsWith(".md")))("%s calls things as the console does", (file) => {
  const labels = [...readFileSync(join(folder, file), "utf8").matchAll(/\*\*([^*]+)\*\*/g)].map((m) => m[1] ?? "");
  expect(labels.filter((label) => !shown.has(label))).toEqual([]);
});
