import { describe, expect, it } from "vitest";
import { parseInline, parseMarkdown, safeHref } from "./markdown.ts";

describe("inline", () => {
  it("keeps code as it is and does not read marks inside it", () => {
    expect(parseInline("run `a **b** [x](y)` now")).toEqual([
      { kind: "text", text: "run " },
      { kind: "code", text: "a **b** [x](y)" },
      { kind: "text", text: " now" },
    ]);
  });
  it("reads links and leaves snake_case alone", () => {
    expect(parseInline("[Docs](https://a.example/x) my_var_name")).toEqual([
      { kind: "link", href: "https://a.example/x", children: [{ kind: "text", text: "Docs" }] },
      { kind: "text", text: " my_var_name" },
    ]);
  });
  it("shows the text of a link it must not follow", () => {
    expect(parseInline("[click](javascript:alert)")).toEqual([{ kind: "text", text: "click" }]);
  });
  it("leaves the full stop out of a bare address", () => {
    expect(parseInline("see https://a.example/b.")[1]).toMatchObject({ kind: "link", href: "https://a.example/b" });
  });
});

it.each([
  ["https://a.example", "https://a.example"],
  ["mailto:a@b.example", "mailto:a@b.example"],
  ["/docs#x", "/docs#x"],
  ["javascript:alert(1)", null],
  ["JAVASCRIPT:alert(1)", null],
  ["data:text/html,x", null],
  ["//evil.example", null],
])("%s may be followed: %s", (href, expected) => expect(safeHref(href)).toBe(expected));

describe("blocks", () => {
  it("keeps fenced code whole, also when the fence is never closed", () => {
    expect(parseMarkdown("```js\na\n\n- b\n```\nafter")).toEqual([
      { kind: "code", language: "js", text: "a\n\n- b" },
      { kind: "paragraph", lines: [[{ kind: "text", text: "after" }]] },
    ]);
    expect(parseMarkdown("```\na")).toEqual([{ kind: "code", language: "", text: "a" }]);
  });
  it("nests lists by indentation", () => {
    const [list] = parseMarkdown("1. one\n   - inner\n2. two");
    expect(list).toMatchObject({ kind: "list", ordered: true, start: 1 });
    if (list?.kind !== "list") throw new Error("no list");
    expect(list.items).toHaveLength(2);
    expect(list.items[0]?.[1]).toMatchObject({ kind: "list", ordered: false });
  });
  it("reads tables", () => {
    const [table] = parseMarkdown("| a | b |\n|---|:-:|\n| 1 | 2 \\| 3 |");
    expect(table).toEqual({
      kind: "table",
      head: [[{ kind: "text", text: "a" }], [{ kind: "text", text: "b" }]],
      rows: [[[{ kind: "text", text: "1" }], [{ kind: "text", text: "2 | 3" }]]],
    });
  });
  it("never yields markup from HTML", () => {
    expect(parseMarkdown("<script>alert(1)</script>")).toEqual([{ kind: "paragraph", lines: [[{ kind: "text", text: "<script>alert(1)</script>" }]] }]);
  });
  it("ends on hostile input", () => {
    for (const s of [">".repeat(5000), "- ".repeat(3000), "[".repeat(3000), "*".repeat(3000), "| ".repeat(2000) + "\n" + "|-".repeat(2000), "`".repeat(3000)])
      expect(parseMarkdown(s)).toBeInstanceOf(Array);
  });
});
