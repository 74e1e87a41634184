/** Uploads that go on while the person looks at other pages. */
import { useSyncExternalStore } from "react";
import * as api from "@/api/calls";
import { explain } from "@/api/problem";
import { batches, type Dropped } from "./upload.ts";

export type Upload = {
  importId: string;
  sourceId: string;
  name: string;
  total: number;
  sent: number;
  phase: "sending" | "started" | "failed" | "cancelled";
  rejected: { path: string; reason: string }[];
  error: string | null;
};

let current: readonly Upload[] = [];
const aborts = new Map<string, AbortController>();
const listeners = new Set<() => void>();

function set(next: readonly Upload[]) {
  current = next;
  for (const l of listeners) l();
}

function change(importId: string, patch: Partial<Upload>) {
  set(current.map((u) => (u.importId === importId ? { ...u, ...patch } : u)));
}

const guard = (e: BeforeUnloadEvent) => e.preventDefault();

/** Creates the import and returns; the files follow. Fails only when the import itself is refused. */
export async function startUpload(target: { sourceId: string } | { name: string }, mode: "complete" | "partial", files: readonly Dropped[], name: string) {
  const created = await api.knowledge.createImport({ ...target, mode });
  const upload: Upload = { importId: created.id, sourceId: created.sourceId, name, total: files.length, sent: 0, phase: "sending", rejected: [], error: null };
  set([...current, upload]);
  void send(upload, files);
  return created;
}

async function send(upload: Upload, files: readonly Dropped[]) {
  const { importId } = upload;
  const abort = new AbortController();
  aborts.set(importId, abort);
  window.addEventListener("beforeunload", guard);
  try {
    let sent = 0;
    let rejected: Upload["rejected"] = [];
    for (const batch of batches(files)) {
      const form = new FormData();
      for (const f of batch) form.append("files", f.file, f.path);
      const answer = await api.knowledge.uploadFiles(importId, form, { signal: abort.signal });
      sent += batch.length;
      rejected = [...rejected, ...answer.rejected];
      change(importId, { sent, rejected });
    }
    await api.knowledge.startImport(importId);
    change(importId, { phase: "started" });
  } catch (e) {
    const cancelled = abort.signal.aborted;
    change(importId, cancelled ? { phase: "cancelled" } : { phase: "failed", error: explain(e) });
    // An import left in "uploading" would block the next one of its source.
    await api.knowledge.cancelImport(importId).catch(() => undefined);
  } finally {
    aborts.delete(importId);
    if (aborts.size === 0) window.removeEventListener("beforeunload", guard);
  }
}

export function cancelUpload(importId: string) {
  aborts.get(importId)?.abort();
}

export const dismissUpload = (importId: string) => set(current.filter((u) => u.importId !== importId));

export function useUploads(): readonly Upload[] {
  return useSyncExternalStore(
    (l) => {
      listeners.add(l);
      return () => void listeners.delete(l);
    },
    () => current,
  );
}
