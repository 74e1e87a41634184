import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const css = readFileSync(join(import.meta.dirname, "tokens.css"), "utf8");

function tokens(scheme: "light" | "dark"): Record<string, string> {
  const block = new RegExp(`\\[data-theme="${scheme}"\\][^{]*\\{([^}]*)\\}`).exec(css)?.[1] ?? "";
  return Object.fromEntries([...block.matchAll(/--p-([\w-]+):\s*(#[0-9a-f]{6});/g)].map((m) => [m[1], m[2]]));
}

function luminance(hex: string) {
  const channel = (i: number) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(a: string, b: string) {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (hi + 0.05) / (lo + 0.05);
}

const grounds = ["canvas", "surface", "sunken", "raised", "hover", "selected"];
const bubbles = ["bubble-customer", "bubble-assistant", "bubble-agent", "bubble-note"];
const text: [string, string][] = [
  ...[...grounds, ...bubbles].flatMap((g): [string, string][] => [
    ["text", g],
    ["text-muted", g],
  ]),
  ...grounds.map((g): [string, string] => ["accent-text", g]),
  ...bubbles.map((g): [string, string] => ["accent-text", g]),
  ...["success", "warning", "danger", "info", "accent"].flatMap((t): [string, string][] => [
    [`${t}-text`, `${t}-soft`],
    [`${t}-text`, "surface"],
    [`${t}-text`, "canvas"],
  ]),
  ["on-accent", "accent"],
  ["on-accent", "accent-hover"],
  ["on-danger", "danger"],
  ["on-danger", "danger-hover"],
  ["mark-text", "mark"],
];
const controls: [string, string][] = [
  ["border-strong", "surface"],
  ["border-strong", "canvas"],
  ["focus", "surface"],
  ["focus", "canvas"],
  ["accent", "surface"],
];

describe.each(["light", "dark"] as const)("%s tokens", (scheme) => {
  const t = tokens(scheme);
  const of = (name: string) => t[name] ?? `missing ${name}`;
  it.each(text)("%s on %s is readable", (fg, bg) => expect(contrast(of(fg), of(bg))).toBeGreaterThanOrEqual(4.5));
  it.each(controls)("%s on %s can be seen", (fg, bg) => expect(contrast(of(fg), of(bg))).toBeGreaterThanOrEqual(3));
});

it("defines the same colours in both schemes", () => {
  expect(Object.keys(tokens("dark")).sort()).toEqual(Object.keys(tokens("light")).sort());
});
