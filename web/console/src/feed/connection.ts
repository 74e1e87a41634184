import { readEvent, type FeedEvent } from "./events.ts";
import { SseParser } from "./sse.ts";

export type FeedStatus = "connecting" | "live" | "offline";
export type FeedHandlers = {
  event: (e: FeedEvent) => void;
  status: (s: FeedStatus) => void;
  /** The stream was refused for want of a session. Resolves when there is one again. */
  unauthorized: () => Promise<void>;
};

/** Without a byte for this long (three heartbeats) the connection is taken for dead. */
const silenceMs = 45_000;
const firstRetryMs = 1_000;
const longestRetryMs = 30_000;

/** Wait before attempt n (from 0): doubling to a cap, spread so that a restarted server is not met by all at once. */
export function backoff(attempt: number, base: number, random: number): number {
  return Math.round(Math.min(longestRetryMs, base * 2 ** attempt) * (0.5 + random / 2));
}

/** Keeps one stream open until the signal aborts, resuming after the last event it has seen. */
export async function runFeed(path: string, handlers: FeedHandlers, signal: AbortSignal): Promise<void> {
  let lastId: string | null = null;
  let attempt = 0;
  let base = firstRetryMs;
  while (!signal.aborted) {
    handlers.status(attempt === 0 ? "connecting" : "offline");
    try {
      const read = await stream(path, lastId, handlers, signal, (id) => {
        lastId = id ?? lastId;
        attempt = 0;
      });
      if (read.status === 401) {
        await handlers.unauthorized();
        attempt = 0;
        continue;
      }
      base = read.retry ?? base;
    } catch {
      if (signal.aborted) return;
    }
    handlers.status("offline");
    await pause(backoff(attempt++, base, Math.random()), signal);
  }
}

async function stream(path: string, lastId: string | null, handlers: FeedHandlers, signal: AbortSignal, seen: (id: string | null) => void) {
  const quiet = new AbortController();
  const stop = () => quiet.abort();
  signal.addEventListener("abort", stop);
  let timer = setTimeout(stop, silenceMs);
  try {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (lastId) headers["Last-Event-ID"] = lastId;
    const response = await fetch(path, { headers, credentials: "same-origin", cache: "no-store", signal: quiet.signal });
    if (!response.ok || !response.body) return { status: response.status, retry: null };
    const parser = new SseParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    handlers.status("live");
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { status: response.status, retry: parser.retry };
      clearTimeout(timer);
      timer = setTimeout(stop, silenceMs);
      for (const raw of parser.push(value)) {
        const e = readEvent(raw.event, raw.data);
        if (e) handlers.event(e);
        seen(raw.id);
      }
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

/** Ends early when the network comes back or the page is looked at again. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener("online", done);
    signal.addEventListener("abort", done);
  });
}
