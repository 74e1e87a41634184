import type { CostRow } from "@/api/costs";

const dayMs = 86_400_000;
const iso = (at: number) => new Date(at).toISOString().slice(0, 10);

export type Range = "7" | "30" | "90" | "month";
export const ranges: readonly Range[] = ["7", "30", "90", "month"];

/** The days of a choice, those of UTC: as the server counts them. */
export function daysOf(range: Range, now: number): { from: string; to: string } {
  const to = iso(now);
  return { from: range === "month" ? `${to.slice(0, 8)}01` : iso(now - (Number(range) - 1) * dayMs), to };
}

export function allDays(from: string, to: string): string[] {
  const out: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += dayMs) out.push(iso(at));
  return out;
}

/** Null stands for "none", undefined for all that are too many to have a colour. */
export type Part = { key: string | null | undefined; cost: number };
export type StackedDay = { day: string; cost: number; parts: number[] };
export type Stack = { parts: Part[]; days: StackedDay[]; most: number };

/** Each day with what it consists of; the dearest parts have a colour of their own, the rest shares the last. */
export function stack(rows: readonly Pick<CostRow, "key" | "part" | "cost">[], from: string, to: string, colours: number): Stack {
  const totals = new Map<string | null, number>();
  for (const r of rows) totals.set(r.part, (totals.get(r.part) ?? 0) + r.cost);
  const ordered = [...totals].toSorted((a, b) => b[1] - a[1] || String(a[0]).localeCompare(String(b[0])));
  const own = ordered.length <= colours ? ordered.length : colours - 1;
  const parts: Part[] = ordered.slice(0, own).map(([key, cost]) => ({ key, cost }));
  if (own < ordered.length) parts.push({ key: undefined, cost: ordered.slice(own).reduce((sum, [, cost]) => sum + cost, 0) });
  const place = new Map(ordered.map(([key], i) => [key, Math.min(i, own)]));
  const days = new Map(allDays(from, to).map((day) => [day, { day, cost: 0, parts: parts.map(() => 0) }]));
  for (const r of rows) {
    const day = days.get(r.key ?? "");
    const index = place.get(r.part) ?? 0;
    if (!day) continue;
    day.cost += r.cost;
    day.parts[index] = (day.parts[index] ?? 0) + r.cost;
  }
  const list = [...days.values()];
  return { parts, days: list, most: Math.max(0, ...list.map((d) => d.cost)) };
}
