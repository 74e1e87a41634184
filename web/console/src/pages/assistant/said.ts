import type { AssistantProfile } from "@/api/types";

/** Those that the product has words in; the server refuses others by name. */
export const languages = ["en", "ar", "de", "el", "es", "hi", "ro", "ru", "th", "tr", "vi", "zh"];

export const everybody = "";
const maxQuestions = 6;
const maxQuestion = 150;

/** First words in one language, as they are typed. */
export type Said = { greeting: string; questions: string };
export type Texts = Record<string, Record<string, string>>;

export const linesOf = (text: string) => text.split("\n").map((x) => x.trim()).filter((x) => x !== "");
export const tooMany = (said: Said) => linesOf(said.questions).length > maxQuestions || linesOf(said.questions).some((q) => q.length > maxQuestion);

export function saidOf(p: AssistantProfile): Record<string, Said> {
  const own = Object.entries(p.languages as Record<string, { greeting: string | null; suggestedQuestions: string[] | null }>);
  return Object.fromEntries([
    [everybody, { greeting: p.greeting, questions: p.suggestedQuestions.join("\n") }],
    ...own.map(([tag, x]) => [tag, { greeting: x.greeting ?? "", questions: (x.suggestedQuestions ?? []).join("\n") }] as const),
  ]) as Record<string, Said>;
}

/** What is said to a customer of a language: its own words, else those for all. */
export function saidIn(said: Record<string, Said>, language: string): { greeting: string; questions: string[] } {
  const [own, all] = [said[language], said[everybody]];
  const questions = linesOf(own?.questions ?? "");
  return { greeting: own?.greeting.trim() || all?.greeting.trim() || "", questions: questions.length > 0 ? questions : linesOf(all?.questions ?? "") };
}

/** Without what is empty: that is said in the product's words. */
export function filled(texts: Texts): Texts {
  const kept = Object.entries(texts).map(([language, own]) => [language, Object.fromEntries(Object.entries(own).filter(([, text]) => text.trim() !== ""))] as const);
  return Object.fromEntries(kept.filter(([, own]) => Object.keys(own).length > 0));
}

/** The fact that a text about a request for a person may name, as the server has it. */
export const placeOf = (key: string) => (key === "outOfHours" ? "when" : key === "accepted" ? "agent" : "position");

/** Whether a text names what nobody will fill in. */
export const strangePlace = (key: string, text: string) => [...text.matchAll(/\{(\w+)\}/g)].some((m) => m[1] !== placeOf(key));
