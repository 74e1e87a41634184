import type { Tone } from "@parley/ui";
import type { ImportState } from "@/api/types";
import { label } from "@/lib/labels";
import { kt } from "@/strings/knowledge";

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

/** The state of an import, which ends; a source's state goes on. */
export const importName = (state: ImportState) => kt.knowledge.importEnded[state] ?? label(kt.knowledge.importState, state);
