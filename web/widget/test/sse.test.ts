import { expect, it } from 'vitest';
import { events } from '../src/frame/sse';
import type { FeedEvent } from '../src/frame/types';

const stream = (bytes: Uint8Array, size: number): ReadableStream<Uint8Array> => new ReadableStream({
  start(controller) {
    for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
    controller.close();
  },
});
const read = async (text: string, size: number): Promise<FeedEvent[]> => {
  const all: FeedEvent[] = [];
  for await (const event of events(stream(new TextEncoder().encode(text), size))) all.push(event);
  return all;
};

it('reads the same events however the network cuts them', async () => {
  const text = ': hello\r\nretry: 1000\n\nid: a:1\nevent: delta\ndata: {"text":"größer 東京 😀"}\n\n:\n\nevent: done\ndata: {"a":\ndata: 1}\n\n';
  for (let size = 1; size <= text.length; size++) {
    expect(await read(text, size)).toEqual([
      { id: 'a:1', type: 'delta', data: { text: 'größer 東京 😀' } },
      { id: 'a:1', type: 'done', data: { a: 1 } },
    ]);
  }
});

it('gives nothing for an event that the connection cut off', async () => {
  expect(await read('event: done\ndata: {"a":1}\n', 4)).toEqual([]);
});
