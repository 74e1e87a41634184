/** A shortcut is one chord ("j", "?", "mod+enter") or a sequence of chords ("g i"). "mod" is Cmd on Apple systems, Ctrl elsewhere. */
export type Chord = { key: string; mod: boolean; shift: boolean; alt: boolean };
export type KeyInput = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** How long the first key of a sequence waits for the second. */
export const sequenceMs = 1200;

export function parseKeys(keys: string): Chord[] {
  return keys.split(" ").map((chord) => {
    const parts = chord.toLowerCase().split("+");
    const key = parts.at(-1) ?? "";
    return { key, mod: parts.includes("mod"), shift: parts.includes("shift"), alt: parts.includes("alt") };
  });
}

export function matches(chord: Chord, e: KeyInput): boolean {
  if (chord.mod !== (e.ctrlKey || e.metaKey) || chord.alt !== e.altKey) return false;
  // Signs such as "?" need Shift on some layouts and not on others; only letters and named keys ask for it exactly.
  const sign = e.key.length === 1 && !/[a-z0-9]/i.test(e.key);
  return chord.key === e.key.toLowerCase() && (sign || chord.shift === e.shiftKey);
}

/** Follows sequences over time. Feed it key presses; it names the shortcut that one completes. */
export class KeySequence {
  #pressed: KeyInput[] = [];
  #at = 0;

  feed<T extends { keys: string }>(e: KeyInput, shortcuts: readonly T[], now: number): T | undefined {
    if (["Shift", "Control", "Alt", "Meta"].includes(e.key)) return undefined;
    if (now - this.#at > sequenceMs) this.#pressed = [];
    this.#at = now;
    this.#pressed.push(e);
    for (let start = 0; start < this.#pressed.length; start++) {
      const tail = this.#pressed.slice(start);
      // The newest registration wins: a page's key shadows a general one.
      const hit = shortcuts.findLast((s) => {
        const chords = parseKeys(s.keys);
        return chords.length === tail.length && chords.every((c, i) => matches(c, tail[i] as KeyInput));
      });
      if (hit) {
        this.#pressed = [];
        return hit;
      }
    }
    this.#pressed = this.#pressed.slice(-2);
    return undefined;
  }
}

/** Plain keys belong to the field being typed into; chords with mod and Escape still reach the page. */
export function belongsToField(target: EventTarget | null, e: KeyInput): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const typing = target.isContentEditable || target.matches("input:not([type=checkbox],[type=radio],[type=button]), textarea, select");
  return typing && !(e.ctrlKey || e.metaKey) && e.key !== "Escape";
}
