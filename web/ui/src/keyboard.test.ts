import { describe, expect, it } from "vitest";
import { belongsToField, KeySequence, matches, parseKeys, sequenceMs, type KeyInput } from "./keyboard.ts";

const key = (k: string, more: Partial<KeyInput> = {}): KeyInput => ({ key: k, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });
const chord = (keys: string) => {
  const [c] = parseKeys(keys);
  if (!c) throw new Error("no chord");
  return c;
};

describe("chords", () => {
  it("takes Ctrl and Cmd for mod, and refuses them otherwise", () => {
    expect(matches(chord("mod+enter"), key("Enter", { ctrlKey: true }))).toBe(true);
    expect(matches(chord("mod+enter"), key("Enter", { metaKey: true }))).toBe(true);
    expect(matches(chord("j"), key("j", { ctrlKey: true }))).toBe(false);
  });
  it("takes signs whether or not the layout needs Shift for them", () => {
    expect(matches(chord("?"), key("?", { shiftKey: true }))).toBe(true);
    expect(matches(chord("?"), key("?"))).toBe(true);
    expect(matches(chord("j"), key("J", { shiftKey: true }))).toBe(false);
  });
});

describe("sequences", () => {
  const shortcuts = [{ keys: "g i" }, { keys: "i" }, { keys: "g k" }];
  it("completes a sequence before its last key alone", () => {
    const s = new KeySequence();
    expect(s.feed(key("g"), shortcuts, 0)).toBeUndefined();
    expect(s.feed(key("i"), shortcuts, 100)?.keys).toBe("g i");
    expect(s.feed(key("i"), shortcuts, 200)?.keys).toBe("i");
  });
  it("forgets the first key after a while", () => {
    const s = new KeySequence();
    s.feed(key("g"), shortcuts, 0);
    expect(s.feed(key("i"), shortcuts, sequenceMs + 1)?.keys).toBe("i");
  });
  it("is not broken by a modifier pressed between", () => {
    const s = new KeySequence();
    s.feed(key("g"), shortcuts, 0);
    s.feed(key("Shift", { shiftKey: true }), shortcuts, 10);
    expect(s.feed(key("k"), shortcuts, 20)?.keys).toBe("g k");
  });
  it("lets the newest registration win", () => {
    const old = { keys: "e", name: "old" };
    const young = { keys: "e", name: "new" };
    expect(new KeySequence().feed(key("e"), [old, young], 0)?.name).toBe("new");
  });
});

it("leaves plain keys to the field being typed into", () => {
  const input = document.createElement("input");
  const box = Object.assign(document.createElement("input"), { type: "checkbox" });
  expect(belongsToField(input, key("j"))).toBe(true);
  expect(belongsToField(input, key("Enter", { ctrlKey: true }))).toBe(false);
  expect(belongsToField(input, key("Escape"))).toBe(false);
  expect(belongsToField(box, key("j"))).toBe(false);
  expect(belongsToField(document.body, key("j"))).toBe(false);
});
