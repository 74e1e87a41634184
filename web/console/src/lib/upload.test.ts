import { describe, expect, it } from "vitest";
import { likelySource } from "@/pages/knowledge/ImportDialog";
import type { Source } from "@/api/types";
import { batches, cleanPath, commonRoot, maxFileBytes, planUpload, readEntries, type Dropped } from "./upload.ts";

const file = (path: string, size = 10): Dropped => ({ path, file: { size, name: path } as File });

it.each([
  ["/docs/a.md", "docs/a.md"],
  ["docs\\sub\\a.md", "docs/sub/a.md"],
  ["./docs//a.md", "docs/a.md"],
  ["docs/../../etc/a.md", "etc/a.md"],
  ["docs/Cafe\u0301.md", "docs/Caf\u00e9.md"],
])("%s becomes %s", (path, expected) => expect(cleanPath(path)).toBe(expected));

it("finds the folder that everything is in", () => {
  expect(commonRoot(["docs/a.md", "docs/b/c.md"])).toBe("docs");
  expect(commonRoot(["docs/a.md", "other/b.md"])).toBe("");
  expect(commonRoot(["a.md", "docs/b.md"])).toBe("");
});

describe("a drop", () => {
  it("of a folder names the source by it and keeps paths relative to it", () => {
    const plan = planUpload([file("/handbook/b/z.md"), file("/handbook/a.html")]);
    expect(plan.name).toBe("handbook");
    expect(plan.files.map((f) => f.path)).toEqual(["a.html", "b/z.md"]);
    expect(plan.bytes).toBe(20);
  });
  it("of one file names the source by it", () => expect(planUpload([file("Getting started.md")]).name).toBe("Getting started"));
  it("of loose files leaves the name open", () => expect(planUpload([file("a.md"), file("b.md")]).name).toBe(""));
  it("says what is left out, and why", () => {
    const plan = planUpload([file("d/.git/config.txt"), file("d/node_modules/x.md"), file("d/logo.png"), file("d/empty.md", 0), file("d/big.md", maxFileBytes + 1), file("d/ok.MD")]);
    expect(plan.files.map((f) => f.path)).toEqual(["ok.MD"]);
    expect(Object.fromEntries(plan.skipped.map((s) => [s.path, s.reason]))).toEqual({ ".git/config.txt": "hidden", "node_modules/x.md": "hidden", "logo.png": "type", "empty.md": "empty", "big.md": "large" });
  });
  it("reads folders to the end, though a reader gives its entries in portions", async () => {
    const leaf = (name: string) => ({ isFile: true, isDirectory: false, name, fullPath: `/d/${name}`, file: (ok: (f: File) => void) => ok({ size: 1 } as File) });
    const portions = [Array.from({ length: 100 }, (_, i) => leaf(`${i}.md`)), [leaf("last.md")], []];
    const folder = (name: string) => ({ isFile: false, isDirectory: true, name, fullPath: `/${name}`, createReader: () => ({ readEntries: (ok: (e: never[]) => void) => ok((portions.shift() ?? []) as never[]) }) });
    expect(await readEntries([folder("d"), folder(".git")])).toHaveLength(101);
  });
});

it("sends batches bounded in count and size, and a large file alone", () => {
  const sizes = batches([file("a", 5), file("b", 5), file("c", 20), file("d", 1)], 10, 100).map((b) => b.map((f) => f.path).join(""));
  expect(sizes).toEqual(["ab", "c", "d"]);
  expect(batches(Array.from({ length: 5 }, (_, i) => file(`${i}`, 0)), 10, 2).map((b) => b.length)).toEqual([2, 2, 1]);
});

it("recognises the source a folder belongs to", () => {
  const sources = [
    { id: "1", name: "Product docs", canonical: "handbook" },
    { id: "2", name: "Guides", canonical: "g" },
  ] as Source[];
  expect(likelySource({ name: "Handbook" }, sources)?.id).toBe("1");
  expect(likelySource({ name: "guides" }, sources)?.id).toBe("2");
  expect(likelySource({ name: "" }, sources)).toBeUndefined();
});
