import { useQuery } from "@tanstack/react-query";
import { queries } from "@/api/queries";
import type { Canary } from "@/api/types";
import { useCan } from "@/app/session";

/** The canaries by their source; empty for whoever may not see them. */
export function useCanaries(): ReadonlyMap<string, Canary> {
  const enabled = useCan()("quality:read");
  const { data } = useQuery({ ...queries.canaries, enabled });
  return new Map((data?.items ?? []).map((c) => [c.sourceId, c]));
}

export const isFailing = (c: Canary | undefined) => c?.state === "unanswered" || c?.state === "leaking";
