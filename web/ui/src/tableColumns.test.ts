import { describe, expect, it } from "vitest";
import { isChosen, readChoice, shownColumns, toggled } from "./tableColumns.ts";

const columns = [{ id: "select", quiet: true }, { id: "name", main: true }, { id: "role" }, { id: "since" }, { id: "mail", optional: true }, { id: "menu", quiet: true }];
const none = { off: [], on: [] };
const ids = (choice: Parameters<typeof shownColumns>[1], of: Parameters<typeof shownColumns>[0] = columns) => shownColumns(of, choice).map((c) => c.id);

describe("the columns of a table", () => {
  it("are those it comes with, until somebody chooses", () => expect(ids(none)).toEqual(["select", "name", "role", "since", "menu"]));

  it("go and come back; an optional one comes and goes", () => {
    const chosen = toggled(columns, toggled(columns, none, "role"), "mail");
    expect(ids(chosen)).toEqual(["select", "name", "since", "mail", "menu"]);
    expect(isChosen(chosen)).toBe(true);
    expect(toggled(columns, toggled(columns, chosen, "role"), "mail")).toEqual(none);
  });

  it("never all go: the name stays, and so do the rows' own buttons", () => {
    const tried = columns.reduce((choice, c) => toggled(columns, choice, c.id), none as Parameters<typeof toggled>[1]);
    expect(ids(tried)).toEqual(["select", "name", "mail", "menu"]);
    expect(ids({ off: columns.map((c) => c.id), on: [] })).toEqual(["select", "name", "menu"]);
    expect(ids({ off: ["a", "b"], on: [] }, [{ id: "a" }, { id: "b" }]), "without a main column the first is the name").toEqual(["a"]);
  });

  it("are remembered by what differs, so that a new column is seen", () => {
    const kept = readChoice(JSON.stringify({ off: ["role"], on: [] }));
    expect(ids(kept, [...columns, { id: "new" }])).toContain("new");
  });

  it("are those it comes with where what is remembered cannot be read", () => {
    for (const text of [null, "", "{", "[]", "7", '{"off":"role"}', '{"off":[1,null]}']) expect(readChoice(text)).toEqual(none);
  });
});
