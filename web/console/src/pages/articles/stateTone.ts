import type { Tone } from "@parley/ui";
import type { ArticleState } from "@/api/types";

export const stateTone: Record<ArticleState, Tone> = { draft: "neutral", review: "warning", published: "success" };
