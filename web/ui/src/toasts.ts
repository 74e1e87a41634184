/** Short messages about what just happened. Kept outside React, so that any code may say something. */
export type Toast = {
  id: number;
  kind: "success" | "error" | "info";
  text: string;
  detail?: string;
  action?: ToastAction;
  /** Milliseconds on screen; errors and offers of undo stay longer. */
  stay: number;
};

/** What is offered beside the message; what undoes it is reached by its key, too. */
export type ToastAction = { label: string; run: () => void; undo?: boolean };

let next = 1;
let current: readonly Toast[] = [];
const listeners = new Set<() => void>();

function set(value: readonly Toast[]) {
  current = value;
  for (const l of listeners) l();
}

export const toasts = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  get: () => current,
  show(toast: Omit<Toast, "id" | "stay"> & { stay?: number }): number {
    const id = next++;
    const stay = toast.stay ?? (toast.action ? 8000 : toast.kind === "error" ? 10_000 : 4000);
    // The same sentence twice is one message, seen anew.
    set([...current.filter((t) => t.text !== toast.text || t.detail !== toast.detail), { ...toast, id, stay }].slice(-4));
    return id;
  },
  success: (text: string, action?: Toast["action"]) => toasts.show({ kind: "success", text, ...(action && { action }) }),
  error: (text: string, detail?: string) => toasts.show({ kind: "error", text, ...(detail && { detail }) }),
  /** Takes back what was done last, as long as that is offered; false: nothing is. */
  undo(): boolean {
    const last = current.findLast((t) => t.action?.undo);
    if (!last) return false;
    toasts.dismiss(last.id);
    last.action?.run();
    return true;
  },
  dismiss: (id: number) => set(current.filter((t) => t.id !== id)),
  clear: () => set([]),
};
