import { useQueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, useState } from "react";
import { applyEvent } from "./apply.ts";
import type { FeedStatus } from "./connection.ts";
import { shareFeed } from "./shared.ts";

export const FeedStatusContext = createContext<FeedStatus>("connecting");
export const useFeedStatus = () => use(FeedStatusContext);

/** Holds the feed for as long as the person is signed in. */
export function useFeed(scope: string, unauthorized: () => Promise<void>): FeedStatus {
  const client = useQueryClient();
  const [status, setStatus] = useState<FeedStatus>("connecting");
  useEffect(() => {
    let wasLive = false;
    return shareFeed(scope, {
      event: (e) => applyEvent(client, e),
      status: (next) => {
        // Summaries are not kept by the server for a resume: after a gap, what is shown is read anew.
        if (next === "live" && wasLive) void client.invalidateQueries({ predicate: (q) => q.queryKey[0] !== "session" && q.queryKey[0] !== "live" });
        wasLive ||= next === "live";
        setStatus(next);
      },
      unauthorized,
    });
  }, [client, scope, unauthorized]);
  return status;
}
