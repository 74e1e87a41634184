import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";
import { queries } from "@/api/queries";
import type { Message } from "@/api/types";
import { applyEvent } from "./apply.ts";
import type { FeedEvent } from "./events.ts";

test("an answer that is older than an event does not take it back", async () => {
  const client = new QueryClient();
  const queryKey = queries.messages("c1").queryKey;
  const message = (id: string, seq: number) => ({ id, seq, authorKind: "end_user", visibility: "public", parts: [{ type: "text", text: id }] }) as unknown as Message;
  const answers: ((rows: Message[]) => void)[] = [];
  const observer = new QueryObserver<Message[]>(client, { queryKey, queryFn: () => new Promise((resolve) => answers.push(resolve)) });
  const stop = observer.subscribe(() => undefined);
  // The first answer was read before the message was there, and comes after its event.
  applyEvent(client, { type: "message", data: { conversationId: "c1", message: message("second", 2) } } as unknown as FeedEvent);
  answers[0]?.([message("first", 1)]);
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]?.([message("first", 1), message("second", 2)]);
  await vi.waitFor(() => expect(client.getQueryData<Message[]>(queryKey)?.map((m) => m.id)).toEqual(["first", "second"]));
  stop();
});
