import { Pill, type Tone } from "@parley/ui";
import type { Webhook } from "@/api/webhooks";
import { wh } from "@/strings/webhooks";

const words = wh.webhooks.state;

export type Health = { name: string; tone: Tone; /** Somebody has to do something. */ needs: boolean };

/** How a webhook does, in one word. */
export function health(w: Webhook): Health {
  if (!w.enabled) return w.disabledReason ? { name: words[w.disabledReason], tone: "danger", needs: true } : { name: words.off, tone: "neutral", needs: false };
  if (w.failingSince) return { name: words.failingNow, tone: "warning", needs: true };
  return w.holdUntil && w.waiting > 0 ? { name: words.held, tone: "info", needs: false } : { name: words.on, tone: "success", needs: false };
}

export function WebhookState({ webhook }: { webhook: Webhook }) {
  const h = health(webhook);
  return <Pill tone={h.tone}>{h.name}</Pill>;
}
