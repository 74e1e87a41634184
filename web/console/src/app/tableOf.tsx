import { ErrorState, type DataTableProps } from "@parley/ui";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { explain } from "@/api/problem";

/** Something that was asked for, and how that went. */
export type Asked = { isError: boolean; data: unknown; error: unknown; refetch: () => unknown };

/** What went wrong, where there is nothing to show instead. */
export const errorOf = (list: Asked) =>
  list.isError && !list.data ? <ErrorState detail={explain(list.error)} onRetry={() => void list.refetch()} /> : null;

type PageOf<T> = { items: T[]; next?: string | null };
type Asking = { queryKey: readonly unknown[]; queryFn?: unknown };
type List<T> = UseInfiniteQueryResult<InfiniteData<{ items: T[] }>>;

/** More rows make a file that is read by nobody, and a page that stands still while it is written. */
export const mostRows = 10_000;

/** What the list holds, in all its pages: those that are there, and the others asked for one after another. */
export async function readAll<T>(loaded: readonly PageOf<T>[], next: (cursor: string | undefined) => Promise<PageOf<T>>, most = mostRows): Promise<{ rows: T[]; whole: boolean }> {
  const rows = loaded.flatMap((p) => p.items);
  let cursor = loaded.at(-1)?.next ?? undefined;
  let begun = loaded.length > 0;
  while ((!begun || cursor) && rows.length < most) {
    const page = await next(cursor);
    rows.push(...page.items);
    cursor = page.next ?? undefined;
    begun = true;
  }
  return { rows: rows.slice(0, most), whole: !cursor && rows.length <= most };
}

/** The rows of a list that comes in pages, in whichever state it is, and the way to more of them; with what was asked, all of it can be saved. */
export function tableOf<T>(list: List<T>, asked?: Asking): Pick<DataTableProps<T>, "rows" | "error" | "more" | "all"> {
  const read = asked?.queryFn as ((context: { queryKey: readonly unknown[]; pageParam: string | undefined; signal: AbortSignal }) => Promise<PageOf<T>>) | undefined;
  // While another filter is being read, the pages that are shown are still those of the last one.
  const loaded = list.isPlaceholderData ? [] : ((list.data?.pages ?? []) as PageOf<T>[]);
  return {
    rows: list.data?.pages.flatMap((p) => p.items),
    error: errorOf(list),
    more: { has: list.hasNextPage, pending: list.isFetchingNextPage, load: () => void list.fetchNextPage() },
    ...(asked && read && { all: () => readAll<T>(loaded, (pageParam) => read({ queryKey: asked.queryKey, pageParam, signal: new AbortController().signal })) }),
  };
}
