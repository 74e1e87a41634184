/** What changed between two texts, for reading: by lines, and within a changed line by words. */
export type Piece = { text: string; changed: boolean };
export type Line = { kind: "same" | "removed" | "added"; pieces: Piece[] };
/** `skipped`: so many unchanged lines are left out here. */
export type Hunk = { lines: Line[]; skipped: number };

type Step<T> = { kind: "same" | "removed" | "added"; value: T };

// Above this the table of all pairs costs more than its precision is worth: the middle is then shown as replaced.
const maxPairs = 4_000_000;

/** The shortest way from one list to the other, by the longest common subsequence. */
export function steps<T>(before: readonly T[], after: readonly T[]): Step<T>[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const a = before.slice(start, before.length - end);
  const b = after.slice(start, after.length - end);
  const same = (values: readonly T[]) => values.map((value): Step<T> => ({ kind: "same", value }));
  return [...same(before.slice(0, start)), ...middle(a, b), ...same(before.slice(before.length - end))];
}

function middle<T>(a: readonly T[], b: readonly T[]): Step<T>[] {
  const replaced = [...a.map((value): Step<T> => ({ kind: "removed", value })), ...b.map((value): Step<T> => ({ kind: "added", value }))];
  if (a.length === 0 || b.length === 0 || a.length * b.length > maxPairs) return replaced;
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const out: Step<T>[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      out.push({ kind: "same", value: a[i] as T });
      i++;
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) out.push({ kind: "removed", value: a[i++] as T });
    else out.push({ kind: "added", value: b[j++] as T });
  }
  return [...out, ...a.slice(i).map((value): Step<T> => ({ kind: "removed", value })), ...b.slice(j).map((value): Step<T> => ({ kind: "added", value }))];
}

const words = (line: string) => line.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];

/** Both sides of a changed line, with what differs marked; nothing is marked where the lines have little in common. */
export function sides(before: string, after: string): [Piece[], Piece[]] {
  const all = steps(words(before), words(after));
  const kept = all.filter((s) => s.kind === "same").reduce((n, s) => n + s.value.trim().length, 0);
  if (kept * 3 < Math.max(before.trim().length, after.trim().length)) return [[{ text: before, changed: false }], [{ text: after, changed: false }]];
  const side = (kind: "removed" | "added") =>
    all
      .filter((s) => s.kind === "same" || s.kind === kind)
      .reduce<Piece[]>((out, s) => {
        const changed = s.kind !== "same";
        const last = out.at(-1);
        if (last?.changed === changed) last.text += s.value;
        else out.push({ text: s.value, changed });
        return out;
      }, []);
  return [side("removed"), side("added")];
}

export function diff(before: string, after: string, context = 3): Hunk[] {
  return hunks(paired(steps(before.split("\n"), after.split("\n"))), context);
}

/** The same from a comparison that was made elsewhere and names how many equal lines it left out. */
export function fromLines(lines: readonly { kind: Line["kind"] | "gap"; text: string; lines: number | null }[]): Hunk[] {
  const out: Hunk[] = [];
  let run: Step<string>[] = [];
  let skipped = 0;
  const end = () => {
    if (run.length > 0 || skipped > 0) out.push({ lines: paired(run), skipped });
    run = [];
  };
  for (const l of lines) {
    if (l.kind === "gap") {
      end();
      skipped = l.lines ?? 0;
    } else run.push({ kind: l.kind, value: l.text });
  }
  end();
  return out;
}

/** Lines with their words marked: the first removed one stands for the first added one after it, and so on. */
function paired(list: readonly Step<string>[]): Line[] {
  const all: Line[] = [];
  for (let i = 0; i < list.length; ) {
    const from = i;
    while (list[i]?.kind === "same") i++;
    all.push(...list.slice(from, i).map((s): Line => ({ kind: "same", pieces: [{ text: s.value, changed: false }] })));
    const block: { removed: string[]; added: string[] } = { removed: [], added: [] };
    for (; i < list.length; i++) {
      const s = list[i];
      if (!s || s.kind === "same") break;
      block[s.kind].push(s.value);
    }
    const pairs = block.removed.map((line, n) => (block.added[n] === undefined ? null : sides(line, block.added[n])));
    all.push(...block.removed.map((text, n): Line => ({ kind: "removed", pieces: pairs[n]?.[0] ?? [{ text, changed: false }] })));
    all.push(...block.added.map((text, n): Line => ({ kind: "added", pieces: pairs[n]?.[1] ?? [{ text, changed: false }] })));
  }
  return all;
}

function hunks(all: readonly Line[], context: number): Hunk[] {
  const near = all.map((_, i) => all.slice(Math.max(0, i - context), i + context + 1).some((l) => l.kind !== "same"));
  const out: Hunk[] = [];
  let skipped = 0;
  all.forEach((line, i) => {
    if (!near[i]) {
      skipped++;
      return;
    }
    if (skipped > 0 || out.length === 0) out.push({ lines: [], skipped });
    skipped = 0;
    out.at(-1)?.lines.push(line);
  });
  return skipped > 0 ? [...out, { lines: [], skipped }] : out;
}
