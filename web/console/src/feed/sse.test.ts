import { describe, expect, it } from "vitest";
import { backoff } from "./connection.ts";
import { readEvent } from "./events.ts";
import { SseParser } from "./sse.ts";

describe("server-sent events", () => {
  const whole = 'retry: 500\n\nid: 7\nevent: delta\ndata: {"a":1}\n\n: heartbeat\n\nevent: x\ndata: one\ndata: two\n\n';
  const expected = [
    { event: "delta", data: '{"a":1}', id: "7" },
    { event: "x", data: "one\ntwo", id: null },
  ];
  it("come out the same whatever pieces they arrive in", () => {
    for (let size = 1; size <= whole.length; size++) {
      const parser = new SseParser();
      const out = [];
      for (let i = 0; i < whole.length; i += size) out.push(...parser.push(whole.slice(i, i + size)));
      expect(out).toEqual(expected);
      expect(parser.retry).toBe(500);
    }
  });
  it("may use any line ending, also one cut in two", () => {
    const parser = new SseParser();
    expect([...parser.push("data: a\r"), ...parser.push("\n\r\ndata: b\r\r"), ...parser.push("\n")].map((e) => e.data)).toEqual(["a", "b"]);
  });
  it("without data are no events", () => expect(new SseParser().push("event: ping\n\n")).toEqual([]));
});

it("passes over what it does not know and what is not JSON", () => {
  expect(readEvent("invented", "{}")).toBeNull();
  expect(readEvent("delta", "{")).toBeNull();
  expect(readEvent("delta", "3")).toBeNull();
  expect(readEvent("delta", '{"offset":0}')).toEqual({ type: "delta", data: { offset: 0 } });
});

it("waits longer after each failure, up to a cap, and never all at once", () => {
  expect(backoff(0, 1000, 1)).toBe(1000);
  expect(backoff(3, 1000, 1)).toBe(8000);
  expect(backoff(20, 1000, 1)).toBe(30_000);
  expect(backoff(3, 1000, 0)).toBe(4000);
});
