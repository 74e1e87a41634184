import { confirm, toasts } from "@parley/ui";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import * as api from "@/api/calls";
import { explain } from "@/api/problem";
import type { Source } from "@/api/types";
import * as kb from "@/api/knowledge";
import { kt } from "@/strings/knowledge";

const words = kt.knowledge.actions;

/** What can be done with a source, wherever it is shown. `removed` is called once it is gone. */
export function useSourceActions(source: Source, removed?: () => void) {
  const client = useQueryClient();
  const refresh = () => {
    for (const key of ["sources", "source", "imports", "documents", "web-pages"]) void client.invalidateQueries({ queryKey: [key] });
  };
  const onError = (e: unknown) => toasts.error(explain(e));
  const act = useMutation({
    mutationFn: async (kind: "run" | "accept" | "pause" | "resume") => {
      if (kind === "pause") await kb.websites.pause(source.id);
      else if (kind === "resume") await kb.websites.resume(source.id);
      else await kb.websites.run(source.id, kind === "accept");
      return kind;
    },
    onSuccess: (kind) => {
      toasts.success(kind === "pause" ? words.paused(source.name) : kind === "resume" ? words.resumed(source.name) : words.started(source.name));
      refresh();
    },
    onError,
  });
  const remove = useMutation({
    mutationFn: () => api.knowledge.removeSource(source.id),
    onSuccess: () => {
      toasts.success(kt.knowledge.source.removed(source.name));
      refresh();
      removed?.();
    },
    onError,
  });
  return {
    website: source.kind === "website",
    pending: act.isPending,
    removing: remove.isPending,
    run: () => act.mutate("run"),
    pause: () => act.mutate("pause"),
    resume: () => act.mutate("resume"),
    runAccepting: async () => {
      if (await confirm({ title: words.runAcceptingTitle, body: words.runAcceptingText, confirm: words.runAccepting, danger: true })) act.mutate("accept");
    },
    remove: async () => {
      const w = kt.knowledge.source;
      if (await confirm({ title: w.removeTitle, body: w.removeText(source.documents), confirm: w.remove, danger: true, typed: source.name })) remove.mutate();
    },
  };
}
