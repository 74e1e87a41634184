import { toasts } from "@parley/ui";
import { useMutation, useQueryClient, type InfiniteData, type QueryClient, type QueryKey, type UseMutationResult } from "@tanstack/react-query";
import { explain } from "@/api/problem";
import { t } from "@/strings";

/** A list in pages with each item as the change leaves it; null takes it out. */
export function inPages<T>(client: QueryClient, queryKey: QueryKey, change: (item: T) => T | null) {
  client.setQueriesData<InfiniteData<{ items: T[] }>>(
    { queryKey },
    (old) => old && { ...old, pages: old.pages.map((p) => ({ ...p, items: p.items.flatMap((x) => change(x) ?? []) })) },
  );
}

const keyOf = (scope: string) => ["optimistic", scope];

/** Resolves once nothing of this scope is on its way any more: what builds on it must come after it. */
export function settled(client: QueryClient, scope: string): Promise<void> {
  const waits = () => client.isMutating({ mutationKey: keyOf(scope) }) > 0;
  if (!waits()) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = client.getMutationCache().subscribe(() => {
      if (waits()) return;
      stop();
      resolve();
    });
  });
}

/** What is kept under these keys now, to be put back. */
export function keep(client: QueryClient, keys: readonly QueryKey[]): () => void {
  const before = keys.flatMap((queryKey) => client.getQueriesData({ queryKey }));
  return () => {
    for (const [queryKey, data] of before) client.setQueryData(queryKey, data);
  };
}

type Options<V, R> = {
  /** Changes of the same thing follow each other: an undo waits for what it undoes. */
  scope: string;
  run: (change: V) => Promise<R>;
  /** The keys of all that changes; asked for again when the answer is there. */
  touches: readonly QueryKey[];
  /** Changes what is shown, before the server has answered. */
  show: (client: QueryClient, change: V) => void;
  /** What the message says; none, none. */
  said?: (change: V) => string;
  /** The change that takes it back; null where that cannot be done. */
  opposite?: (change: V) => V | null;
  done?: (result: R, change: V) => void;
  /** Brings back what was typed for it. */
  failed?: (change: V) => void;
};

type Shown = { restore: () => void; toast: number | undefined };
type Step<V> = { change: V; back: V | null; undoing: boolean };

/**
 * For what is done often: it shows at once, a message offers to take it back for some seconds, and where the server refuses,
 * everything is as it was and the reason is said.
 */
export function useOptimistic<V, R = unknown>(o: Options<V, R>) {
  const client = useQueryClient();
  const mutation: UseMutationResult<R, Error, Step<V>, Shown> = useMutation<R, Error, Step<V>, Shown>({
    mutationKey: keyOf(o.scope),
    scope: { id: o.scope },
    mutationFn: ({ change }: Step<V>) => o.run(change),
    onMutate: async ({ change, back, undoing }: Step<V>) => {
      // An answer under way would bring the old state back. What has no answer yet goes on: cancelled, it would never come.
      await Promise.all(o.touches.map((queryKey) => client.cancelQueries({ queryKey, predicate: (q) => q.state.data !== undefined })));
      const restore = keep(client, o.touches);
      o.show(client, change);
      const text = undoing ? t.undone : o.said?.(change);
      const toast = text === undefined ? undefined : toasts.success(text, back === null ? undefined : { label: t.undo, undo: true, run: () => mutation.mutate({ change: back, back: null, undoing: true }) });
      return { restore, toast };
    },
    onError: (error, { change }, context) => {
      context?.restore();
      o.failed?.(change);
      if (context?.toast) toasts.dismiss(context.toast);
      toasts.error(t.notDone, explain(error));
    },
    onSuccess: (result, { change }) => o.done?.(result, change),
    onSettled: () => {
      // The last of several asks for all of them: an answer in between would show what the next one has changed already.
      if (client.isMutating({ mutationKey: keyOf(o.scope) }) > 1) return;
      for (const queryKey of o.touches) void client.invalidateQueries({ queryKey });
    },
  });
  return {
    pending: mutation.isPending,
    run: (change: V) => mutation.mutate({ change, back: o.opposite?.(change) ?? null, undoing: false }),
  };
}
