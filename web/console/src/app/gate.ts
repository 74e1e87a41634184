import { onSessionExpired } from "@/api/http";

type Ask = { resolve: () => void; reject: (reason: Error) => void; promise: Promise<void> };
let open: Ask | null = null;
const listeners = new Set<() => void>();
const emit = () => listeners.forEach((l) => l());

/** The one question "please sign in again", asked once however many requests wait for its answer. */
export const gate = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  isOpen: () => open !== null,
  ask(): Promise<void> {
    if (open) return open.promise;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    open = { promise, resolve, reject };
    emit();
    return promise;
  },
  settle(error?: Error) {
    const asked = open;
    open = null;
    emit();
    if (error) asked?.reject(error);
    else asked?.resolve();
  },
};

export function armGate() {
  onSessionExpired(() => gate.ask());
  return () => onSessionExpired(null);
}
