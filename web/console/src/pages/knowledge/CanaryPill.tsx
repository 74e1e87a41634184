import { Pill } from "@parley/ui";
import type { Canary } from "@/api/types";
import { label } from "@/lib/labels";
import { kt } from "@/strings/knowledge";
import { isFailing } from "./useCanary.ts";

/** How the canary did when it was asked last. */
export function CanaryPill({ canary }: { canary: Canary }) {
  return (
    <Pill tone={canary.state === "answered" ? "success" : isFailing(canary) ? "danger" : "neutral"} title={canary.question}>
      {label(kt.knowledge.canary.states, canary.state)}
    </Pill>
  );
}
