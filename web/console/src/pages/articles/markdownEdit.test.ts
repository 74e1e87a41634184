import { expect, it } from "vitest";
import { apply, type Field, type Mark } from "./markdownEdit.ts";

/** "a [b] c": b is selected. */
const field = (text: string): Field => ({ text: text.replaceAll(/[[\]]/g, ""), start: text.indexOf("["), end: text.indexOf("]") - 1 });
const show = ({ text, start, end }: Field) => `${text.slice(0, start)}[${text.slice(start, end)}]${text.slice(end)}`;

it.each<[Mark, string, string]>([
  ["bold", "a [b] c", "a **[b]** c"],
  ["bold", "a **[b]** c", "a [b] c"],
  ["italic", "[]", "_[]_"],
  ["code", "run [npm ci] now", "run `[npm ci]` now"],
  ["code", "[a\nb]", "```\n[a\nb]\n```"],
  ["heading", "x\nfir[st] line\ny", "x\n[## first line]\ny"],
  ["heading", "x\n## fir[st] line\ny", "x\n[first line]\ny"],
  ["list", "[one\ntwo]", "[- one\n- two]"],
])("%s makes “%s” into “%s”", (mark, before, after) => expect(show(apply(mark, field(before), "text"))).toBe(after));

it("puts the cursor where a link's address goes", () => {
  const out = apply("link", field("see [this]"), "text");
  expect(out.text).toBe("see [this](https://)");
  expect(out.text.slice(0, out.start)).toBe("see [this](https://");
});
