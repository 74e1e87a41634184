import { expect, it } from "vitest";
import type { Message } from "@/api/types";
import { goldenOf } from "./useGolden.ts";

const text = (id: string, authorKind: Message["authorKind"], content: string, cites?: string) =>
  ({ id, authorKind, parts: [{ type: "text", content: { text: content } }, ...(cites ? [{ type: "quote", content: { documentId: cites, title: cites.toUpperCase() } }] : [])] }) as unknown as Message;
const all = [text("1", "end_user", " How do I pay? "), text("2", "assistant", "By card.", "payment"), text("3", "end_user", "And by dog?"), text("4", "assistant", "I do not know."), text("5", "end_user", "Bye"), text("6", "assistant", "Bye.", "farewell")];
const of = (n: number) => goldenOf(all[n] as Message, all, { id: "c", locale: "en" });

it("takes the question, and the article that its own answer cites", () =>
  expect(of(0)).toEqual({ question: "How do I pay?", document: { id: "payment", title: "PAYMENT" }, language: "en", conversationId: "c" }));

it("takes no article of another answer", () => expect(of(2).document).toBeNull());
