import { expect, it } from "vitest";
import type { AssistantProfile } from "@/api/types";
import { everybody, filled, saidIn, saidOf, strangePlace, tooMany } from "./said.ts";

const profile = { greeting: "Hi!", suggestedQuestions: ["One?"], languages: { de: { greeting: "Moin!", suggestedQuestions: null }, es: { greeting: null, suggestedQuestions: ["¿Uno?"] } } } as unknown as AssistantProfile;

it("says a language's own words, and otherwise those for all", () => {
  const said = saidOf(profile);
  expect(saidIn(said, "de")).toEqual({ greeting: "Moin!", questions: ["One?"] });
  expect(saidIn(said, "es")).toEqual({ greeting: "Hi!", questions: ["¿Uno?"] });
  expect(saidIn(said, "fr")).toEqual({ greeting: "Hi!", questions: ["One?"] });
  expect(said[everybody]).toEqual({ greeting: "Hi!", questions: "One?" });
});

it("counts questions, not empty lines", () => {
  expect(tooMany({ greeting: "", questions: "1\n\n2\n3\n4\n5\n 6 \n\n" })).toBe(false);
  expect(tooMany({ greeting: "", questions: "1\n2\n3\n4\n5\n6\n7" })).toBe(true);
  expect(tooMany({ greeting: "", questions: "x".repeat(151) })).toBe(true);
});

it("keeps only what says something", () => expect(filled({ en: { abstain: " ", note: "Hm." }, de: { abstain: "" } })).toEqual({ en: { note: "Hm." } }));

it("takes the one fact that a text may name, and no other", () => {
  expect(strangePlace("queued", "Number {position}, hold on")).toBe(false);
  expect(strangePlace("queued", "Hello {agent}")).toBe(true);
  expect(strangePlace("accepted", "{agent} is here")).toBe(false);
  expect(strangePlace("outOfHours", "Back {when}, {position}")).toBe(true);
  expect(strangePlace("returned", "Me again {}")).toBe(false);
});
