import { describe, expect, it } from "vitest";
import { cellText, fileRows, valueText } from "./cellText.ts";
import { Pill } from "./Pill.tsx";
import { RelativeTime } from "./RelativeTime.tsx";
import { RowName } from "./RowName.tsx";

describe("what a cell says in a file", () => {
  it("is what stands there", () => {
    expect(cellText("plain")).toBe("plain");
    expect(cellText(7)).toBe("7");
    expect(cellText([null, false, undefined])).toBe("");
    expect(cellText(<Pill tone="info">Open</Pill>)).toBe("Open");
    expect(cellText(<span>{3} / {4}</span>)).toBe("3 / 4");
    expect(cellText(<>{[<b key="a">one</b>, <b key="b">two</b>]}</>)).toBe("one two");
    expect(cellText(<RowName sub="below">name</RowName>)).toBe("name");
    expect(cellText(<input aria-label="For screen readers" />)).toBe("For screen readers");
  });

  it("is the moment, not how long ago it was", () => {
    expect(cellText(<RelativeTime short at="2026-05-03T10:00:00+02:00" />)).toBe("2026-05-03T08:00:00.000Z");
    expect(valueText("2026-05-03T10:00:00.1234567+00:00")).toBe("2026-05-03T10:00:00.123Z");
    expect(valueText("2026-05-03 by hand")).toBe("2026-05-03 by hand");
  });

  it("is a number as a number is written everywhere", () => {
    expect([1204, 0.5, 1e-7, -3].map(valueText)).toEqual(["1204", "0.5", "0.0000001", "-3"]);
    expect([null, undefined, true].map(valueText)).toEqual(["", "", "true"]);
  });

  it("has the shown columns without the buttons, and what stands below a name beside it", () => {
    const rows = fileRows(
      [
        { header: "Name", cell: (r: { n: string; m: string; k: number }) => <RowName sub={r.m}>{r.n}</RowName>, below: { header: "E-mail", text: (r: { m: string }) => r.m } },
        { header: "Calls", cell: (r: { k: number }) => `${r.k} calls`, text: (r: { k: number }) => r.k },
        { header: "Actions", quiet: true, cell: () => "x" },
      ],
      [{ n: "Ann", m: "ann@example.com", k: 1200 }],
    );
    expect(rows).toEqual([["Name", "E-mail", "Calls"], ["Ann", "ann@example.com", "1200"]]);
  });
});
