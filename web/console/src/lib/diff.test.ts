import { describe, expect, it } from "vitest";
import { diff, fromLines, steps, type Line } from "./diff.ts";

const text = (l: Line) => `${{ same: " ", removed: "-", added: "+" }[l.kind]}${l.pieces.map((p) => (p.changed ? `[${p.text}]` : p.text)).join("")}`;
const shown = (before: string, after: string) => diff(before, after).map((h) => `${h.skipped > 0 ? `…${h.skipped} ` : ""}${h.lines.map(text).join("|")}`);

describe("what changed", () => {
  it("is nothing between equal texts, however long", () => {
    const long = Array.from({ length: 500 }, (_, i) => `line ${i}`).join("\n");
    expect(shown(long, long)).toEqual(["…500 "]);
  });

  it("marks the words of a changed line", () => expect(shown("Backups are kept for 30 days.", "Backups are kept for 90 days.")).toEqual(["-Backups are kept for [30] days.|+Backups are kept for [90] days."]));

  it("does not mark words where the line is another one", () => expect(shown("Alpha beta", "Something else entirely")).toEqual(["-Alpha beta|+Something else entirely"]));

  it("keeps three lines around it and leaves out the rest", () => {
    const before = Array.from({ length: 20 }, (_, i) => `l${i}`);
    const after = before.toSpliced(10, 1, "new");
    expect(shown(before.join("\n"), after.join("\n"))).toEqual(["…7  l7| l8| l9|-l10|+new| l11| l12| l13", "…6 "]);
  });

  it("made elsewhere shows the same", () => {
    const lines = [
      { kind: "gap", text: "", lines: 4 },
      { kind: "removed", text: "It costs 5 euros.", lines: null },
      { kind: "added", text: "It costs 7 euros.", lines: null },
      { kind: "gap", text: "", lines: 2 },
    ] as const;
    expect(fromLines(lines).map((h) => [h.skipped, h.lines.map(text).join("|")])).toEqual([[4, "-It costs [5] euros.|+It costs [7] euros."], [2, ""]]);
  });

  it("applied to the old gives the new, for many texts", () => {
    let seed = 7;
    const random = (n: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
    for (let round = 0; round < 300; round++) {
      const make = () => Array.from({ length: random(12) }, () => "abcd"[random(4)] as string);
      const [a, b] = [make(), make()];
      const all = steps(a, b);
      expect(all.filter((s) => s.kind !== "added").map((s) => s.value)).toEqual(a);
      expect(all.filter((s) => s.kind !== "removed").map((s) => s.value)).toEqual(b);
    }
  });
});
