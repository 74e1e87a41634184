import { expect, it } from "vitest";
import { place } from "./Menu.tsx";

const window = { width: 400, height: 300 };
const menu = { width: 100, height: 120 };
const button = (left: number, top: number) => ({ left, right: left + 50, top, bottom: top + 30, width: 50, height: 30 }) as DOMRect;

it.each([
  ["below the button", place(button(20, 40), menu, window, "start", false), { block: 74, inline: 20 }],
  ["above it where there is no room below", place(button(20, 250), menu, window, "start", false), { block: 126, inline: 20 }],
  ["to its end", place(button(200, 40), menu, window, "end", false), { block: 74, inline: 150 }],
  ["inside the window", place(button(360, 40), menu, window, "start", false), { block: 74, inline: 296 }],
  ["from the other side in right-to-left", place(button(20, 40), menu, window, "start", true), { block: 74, inline: 296 }],
])("stands %s", (_, at, expected) => expect(at).toEqual(expected));
