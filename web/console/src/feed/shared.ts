import { runFeed, type FeedHandlers, type FeedStatus } from "./connection.ts";
import type { FeedEvent } from "./events.ts";

type Wire = { kind: "event"; event: FeedEvent } | { kind: "status"; status: FeedStatus } | { kind: "hello" };

/**
 * One stream for all tabs of a browser. The tab that holds the lock reads it and passes everything on; when that tab
 * goes, the next one takes the lock. Where locks are not to be had (plain http), each tab reads for itself.
 */
export function shareFeed(scope: string, handlers: FeedHandlers): () => void {
  const stop = new AbortController();
  const name = `parley-feed:${scope}`;
  if (!("locks" in navigator) || typeof BroadcastChannel === "undefined") {
    void runFeed("/v1/feed", handlers, stop.signal);
    return () => stop.abort();
  }

  const channel = new BroadcastChannel(name);
  const post = (message: Wire) => channel.postMessage(message);
  let leading = false;
  let status: FeedStatus = "connecting";
  channel.onmessage = ({ data }: MessageEvent<Wire>) => {
    if (data.kind === "hello") {
      if (leading) post({ kind: "status", status });
    } else if (leading) return;
    else if (data.kind === "event") handlers.event(data.event);
    else handlers.status(data.status);
  };
  post({ kind: "hello" });

  const both: FeedHandlers = {
    event: (event) => {
      post({ kind: "event", event });
      handlers.event(event);
    },
    status: (next) => {
      status = next;
      post({ kind: "status", status });
      handlers.status(next);
    },
    unauthorized: handlers.unauthorized,
  };
  navigator.locks
    .request(name, { signal: stop.signal }, async () => {
      leading = true;
      await runFeed("/v1/feed", both, stop.signal);
    })
    .catch(() => {
      // Aborted while waiting for the lock: this tab is gone or signed out.
    });
  return () => {
    stop.abort();
    channel.close();
  };
}
