import type { Highlight } from "@/api/types";

export type Piece = { text: string; marked: boolean };

/** Cuts a text at its marks; marks may overlap, be out of order or beyond the end. */
export function pieces(text: string, marks: readonly Highlight[]): Piece[] {
  const out: Piece[] = [];
  let at = 0;
  const push = (to: number, marked: boolean) => {
    const slice = text.slice(at, to);
    const last = out.at(-1);
    if (slice && last?.marked === marked) last.text += slice;
    else if (slice) out.push({ text: slice, marked });
    at = Math.max(at, Math.min(to, text.length));
  };
  for (const m of [...marks].sort((a, b) => a.start - b.start)) {
    const start = Math.max(at, m.start);
    const end = Math.min(text.length, m.start + m.length);
    if (end <= start) continue;
    push(start, false);
    push(end, true);
  }
  push(text.length, false);
  return out;
}
