import { useSyncExternalStore } from "react";
import { formatExact, formatRelative } from "./time.ts";

// One timer for all times on the page, running only while one is shown.
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function subscribe(listener: () => void) {
  listeners.add(listener);
  now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    for (const l of listeners) l();
  }, 20_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** "5 minutes ago", kept current; the exact moment is its tooltip and its machine-readable value. */
export function RelativeTime({ at, short = false }: { at: string; short?: boolean }) {
  const current = useSyncExternalStore(subscribe, () => now);
  const value = Date.parse(at);
  if (Number.isNaN(value)) return null;
  return (
    <time dateTime={at} title={formatExact(value)}>
      {formatRelative(value, current, short ? "narrow" : "long")}
    </time>
  );
}
