import { expect, it } from "vitest";
import type { AssistantProfile } from "@/api/types";
import { diff } from "@/lib/diff";
import { profileText, sameProfile } from "./profileText.ts";

const shipped = { name: "", tone: "professional", avatarId: null, avatarInitials: "", avatarColor: "", languages: {}, greeting: "", suggestedQuestions: [], threshold: null, noteBelow: null, clarifies: true, texts: {}, audiences: ["public"] } as unknown as AssistantProfile;

it("reads as what people set, and leaves out what they did not", () =>
  expect(profileText(shipped).split("\n")).toEqual(["Answer from: the default", "Add a note below: the default", "Asks back: yes", "Answers from: Sources for everyone"]));

it("shows what one version changes", () => {
  const after = { ...shipped, tone: "friendly", languages: { de: { greeting: null, suggestedQuestions: ["Was kostet es?"] } }, threshold: 0.7, greeting: "Ahoy!\nHow are you?", texts: { en: { abstain: "No idea." } }, audiences: ["customers", "public"] } as AssistantProfile;
  const changed = diff(profileText(shipped), profileText(after)).flatMap((h) => h.lines.filter((l) => l.kind === "added").map((l) => l.pieces.map((p) => p.text).join("")));
  expect(changed).toEqual(["Tone: Friendly", "Greeting: Ahoy! How are you?", "Answer from: 0.7", "Answers from: Sources for customers", "Suggested question (German): Was kostet es?", "When it found no answer (English): No idea."]);
});

it("takes two orders of the same for the same", () => {
  expect(sameProfile({ ...shipped, audiences: ["public", "customers"] }, { ...shipped, audiences: ["customers", "public"] })).toBe(true);
  expect(sameProfile(shipped, { ...shipped, clarifies: false })).toBe(false);
});
