import { useQuery } from "@tanstack/react-query";
import type { Canary } from "@/api/types";
import * as kb from "@/api/knowledge";
import { useCan } from "@/app/session";

/** The canaries by their source; empty for whoever may not see them. */
export function useCanaries(): ReadonlyMap<string, Canary> {
  const enabled = useCan()("quality:read");
  const { data } = useQuery({ ...kb.queries.canaries, enabled });
  return new Map((data?.items ?? []).map((c) => [c.sourceId, c]));
}

/** Whether they are still on their way: a state that is shown without its canary would change, and move what stands below. */
export function useCanariesLoading(): boolean {
  const enabled = useCan()("quality:read");
  return useQuery({ ...kb.queries.canaries, enabled }).isLoading;
}

export const isFailing = (c: Canary | undefined) => c?.state === "unanswered" || c?.state === "leaking";
