import type { Tone } from "@parley/ui";
import type { Outcome } from "@/api/types";

export const outcomeTone: Record<Outcome, Tone> = { answered: "success", clarified: "info", abstained: "warning", handed_off: "warning", small_talk: "neutral" };
