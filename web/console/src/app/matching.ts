const fold = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** Those that have a word beginning with each word of the query, those whose name begins with it first. */
export function matching<T extends { name: string; note?: unknown }>(entries: readonly T[], query: string): T[] {
  const asked = fold(query).split(/\s+/).filter(Boolean);
  if (asked.length === 0) return [...entries];
  const fits = entries.filter((e) => {
    const words = fold(`${e.name} ${typeof e.note === "string" ? e.note : ""}`).split(/[\s,.\-–:()]+/);
    return asked.every((a) => words.some((w) => w.startsWith(a)));
  });
  const first = (e: T) => (fold(e.name).startsWith(asked[0] as string) ? 0 : 1);
  return fits.sort((a, b) => first(a) - first(b));
}
