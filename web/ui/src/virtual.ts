import { defaultRangeExtractor, elementScroll, useVirtualizer, type Range, type VirtualItem } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type FocusEvent, type RefObject } from "react";

/** The rows in view and some around them, and the one that has the focus wherever it is: what is focused must not leave the page. */
export function rangeWith(range: Range, kept: number): number[] {
  const shown = defaultRangeExtractor(range);
  if (kept < 0 || kept >= range.count || shown.includes(kept)) return shown;
  return [...shown, kept].sort((a, b) => a - b);
}

/** Distances that stand for the rows between those that are there: before each, and after the last. */
export function gaps(items: readonly Pick<VirtualItem, "start" | "end">[], from: number, total: number): { before: number[]; after: number } {
  let at = from;
  const before = items.map((item) => {
    const gap = Math.max(0, item.start - at);
    at = item.end;
    return gap;
  });
  return { before, after: Math.max(0, from + total - at) };
}

type Kept = { sizes: VirtualItem[]; offset: number };

/** How high the rows of each list were, and where it stood: a list that comes back is as it was left. */
const kept = new Map<string, Kept>();

const scrolls = /auto|scroll|overlay/;

function scrollerOf(element: HTMLElement): HTMLElement {
  for (let e = element.parentElement; e; e = e.parentElement) if (scrolls.test(getComputedStyle(e).overflowY)) return e;
  return document.documentElement;
}

type Options = {
  /** Under which it is remembered. */
  name: string;
  keys: readonly string[];
  /** What holds the rows, within what scrolls. */
  list: RefObject<HTMLElement | null>;
  height: number;
  /** Whether it comes back to where it stood by itself; the page's own scroller is the router's. */
  ownScroll?: boolean;
};

/** Only the rows that are seen, for lists of any length. */
export function useVirtualRows({ name, keys, list, height, ownScroll = false }: Options) {
  const [focused, setFocused] = useState<string | null>(null);
  const [margin, setMargin] = useState(0);
  const scroller = useRef<HTMLElement | null>(null);
  const getScrollElement = useCallback(() => (scroller.current ??= list.current && scrollerOf(list.current)), [list]);
  const placed = useRef(false);
  const getItemKey = useCallback((i: number) => keys[i] ?? i, [keys]);
  const before = kept.get(name);
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is compiled to be memoised
  const virtual = useVirtualizer<HTMLElement, HTMLElement>({
    count: keys.length,
    getScrollElement,
    estimateSize: () => height,
    getItemKey,
    overscan: 10,
    scrollMargin: margin,
    initialMeasurementsCache: before?.sizes ?? [],
    initialOffset: ownScroll ? (before?.offset ?? 0) : 0,
    // The page stands where it stands: the list that comes into it does not move it.
    scrollToFn: (offset, options, instance) => {
      if (ownScroll || placed.current) elementScroll(offset, options, instance);
    },
    rangeExtractor: (range) => rangeWith(range, focused === null ? -1 : keys.indexOf(focused)),
  });

  useEffect(() => {
    placed.current = true;
  }, []);

  useLayoutEffect(() => {
    const outer = getScrollElement();
    if (!list.current || !outer) return;
    const place = () => {
      if (list.current) setMargin(Math.round(list.current.getBoundingClientRect().top - outer.getBoundingClientRect().top + outer.scrollTop));
    };
    place();
    // What stands above it may grow.
    const observer = new ResizeObserver(place);
    observer.observe(outer);
    if (outer.firstElementChild) observer.observe(outer.firstElementChild);
    return () => observer.disconnect();
  }, [getScrollElement, list]);

  useEffect(
    () => () => {
      kept.set(name, { sizes: virtual.measurementsCache, offset: virtual.scrollOffset ?? 0 });
    },
    [name, virtual],
  );

  const focus = {
    onFocus: (e: FocusEvent<HTMLElement>) => setFocused((e.target.closest("[data-index]") as HTMLElement | null)?.dataset.key ?? null),
    onBlur: (e: FocusEvent<HTMLElement>) => {
      if (!e.currentTarget.contains(e.relatedTarget)) setFocused(null);
    },
  };
  const items = virtual.getVirtualItems();
  return { virtual, items, focus, ...gaps(items, margin, virtual.getTotalSize()) };
}
