import { st } from "@/strings/settings";

// The first that matches: Edge and Opera say that they are Chrome, and Chrome that it is Safari.
const browsers: [name: string, mark: RegExp][] = [
  ["Edge", /Edg\//],
  ["Opera", /OPR\//],
  ["Firefox", /Firefox\/|FxiOS\//],
  ["Chrome", /Chrome\/|CriOS\//],
  ["Safari", /Safari\//],
];
const systems: [name: string, mark: RegExp][] = [
  ["iPhone", /iPhone/],
  ["iPad", /iPad/],
  ["Android", /Android/],
  ["Windows", /Windows/],
  ["macOS", /Mac OS X|Macintosh/],
  ["ChromeOS", /CrOS/],
  ["Linux", /Linux/],
];

/** What a person calls the device that a browser names itself to be. */
export function deviceOf(agent: string | null): string {
  const browser = browsers.find(([, mark]) => mark.test(agent ?? ""))?.[0];
  const system = systems.find(([, mark]) => mark.test(agent ?? ""))?.[0];
  if (browser && system) return st.settings.account.device(browser, system);
  return browser ?? system ?? st.settings.account.unknownDevice;
}
