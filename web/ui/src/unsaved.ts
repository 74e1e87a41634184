import { createContext, use, useEffect, useRef, useState } from "react";
import { confirm } from "./asking.ts";
import { uiStrings } from "./strings.ts";

type Entry = { isDirty: () => boolean };

/** Forms with something typed and not saved: those of the page, or those of one dialog. */
export class Unsaved {
  readonly #entries = new Set<Entry>();
  readonly #within: Unsaved | null;

  constructor(within: Unsaved | null = null) {
    this.#within = within;
  }

  add(entry: Entry): () => void {
    this.#entries.add(entry);
    const leave = this.#within?.add(entry);
    return () => {
      this.#entries.delete(entry);
      leave?.();
    };
  }

  any(): boolean {
    return [...this.#entries].some((e) => e.isDirty());
  }

  /** True: there is nothing to lose, or it may be lost. */
  async mayLeave(): Promise<boolean> {
    const { title, text, leave } = uiStrings.unsaved;
    return !this.any() || confirm({ title, body: text, confirm: leave, danger: true });
  }
}

/** All of the page, dialogs included: asked before another page is opened. */
export const unsaved = new Unsaved();

// Only while there is something to lose: a page with such a listener is not kept for going back to.
const beforeUnload = (e: BeforeUnloadEvent) => {
  if (unsaved.any()) e.preventDefault();
};
let listening = 0;
function listen(): () => void {
  if (listening++ === 0) window.addEventListener("beforeunload", beforeUnload);
  return () => {
    if (--listening === 0) window.removeEventListener("beforeunload", beforeUnload);
  };
}

export const UnsavedContext = createContext(unsaved);

type Guard = {
  /** What follows is meant, such as leaving after a save or a removal. */
  release: () => void;
  /** It was not: ask again. */
  hold: () => void;
};

/** Asks before what was typed is lost: by another page, a reload, or the dialog's closing. */
export function useUnsaved(dirty: boolean): Guard {
  const place = use(UnsavedContext);
  const state = useRef({ dirty, released: false });
  useEffect(() => {
    state.current.dirty = dirty;
  }, [dirty]);
  useEffect(() => place.add({ isDirty: () => state.current.dirty && !state.current.released }), [place]);
  useEffect(() => (dirty ? listen() : undefined), [dirty]);
  const [guard] = useState<Guard>(() => ({
    release: () => {
      state.current.released = true;
    },
    hold: () => {
      state.current.released = false;
    },
  }));
  return guard;
}
