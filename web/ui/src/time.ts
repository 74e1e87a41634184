const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** Largest fitting unit first; null when the moment is close enough to be called "now". */
export function relativeParts(from: number, now: number): { value: number; unit: Intl.RelativeTimeFormatUnit } | null {
  const seconds = Math.round((from - now) / 1000);
  const age = Math.abs(seconds);
  if (age < 45) return null;
  if (age < 45 * minute) return { value: Math.round(seconds / minute), unit: "minute" };
  if (age < 22 * hour) return { value: Math.round(seconds / hour), unit: "hour" };
  if (age < 26 * day) return { value: Math.round(seconds / day), unit: "day" };
  if (age < 320 * day) return { value: Math.round(seconds / (30.44 * day)), unit: "month" };
  return { value: Math.round(seconds / (365.25 * day)), unit: "year" };
}

export function formatRelative(from: number, now: number, style: "long" | "narrow", locale?: string): string {
  const parts = relativeParts(from, now) ?? { value: 0, unit: "second" as const };
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto", style }).format(parts.value, parts.unit);
}

export function formatExact(at: number, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" }).format(at);
}

/** Milliseconds as a person reads them: 40 µs, 0.4 ms, 12 ms, 1.3 s, 2 min 5 s. */
export function formatDuration(ms: number, locale?: string): string {
  const n = (value: number, digits: number) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
  if (ms < 0.1) return `${n(ms * 1000, 0)} µs`;
  if (ms < 10) return `${n(ms, 1)} ms`;
  if (ms < 1000) return `${n(ms, 0)} ms`;
  if (ms < 60_000) return `${n(ms / 1000, 1)} s`;
  return `${n(Math.floor(ms / 60_000), 0)} min ${n((ms % 60_000) / 1000, 0)} s`;
}
