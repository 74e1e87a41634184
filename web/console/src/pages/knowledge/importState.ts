import type { Tone } from "@parley/ui";
import type { ImportState } from "@/api/types";

export const importTone: Record<ImportState, Tone> = {
  uploading: "info",
  crawling: "info",
  queued: "info",
  running: "info",
  succeeded: "success",
  failed: "danger",
  cancelled: "neutral",
};

export const isUnfinished = (state: ImportState) => state === "uploading" || state === "crawling" || state === "queued" || state === "running";
