import { ErrorState, type DataTableProps } from "@parley/ui";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { explain } from "@/api/problem";

/** Something that was asked for, and how that went. */
export type Asked = { isError: boolean; data: unknown; error: unknown; refetch: () => unknown };

/** What went wrong, where there is nothing to show instead. */
export const errorOf = (list: Asked) =>
  list.isError && !list.data ? <ErrorState detail={explain(list.error)} onRetry={() => void list.refetch()} /> : null;

/** The rows of a list that comes in pages, in whichever state it is, and the way to more of them. */
export function tableOf<T>(list: UseInfiniteQueryResult<InfiniteData<{ items: T[] }>>): Pick<DataTableProps<T>, "rows" | "error" | "more"> {
  return {
    rows: list.data?.pages.flatMap((p) => p.items),
    error: errorOf(list),
    more: { has: list.hasNextPage, pending: list.isFetchingNextPage, load: () => void list.fetchNextPage() },
  };
}
