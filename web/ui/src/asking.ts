import type { ReactNode } from "react";

export type ConfirmOptions = {
  title: string;
  body: ReactNode;
  confirm: string;
  danger?: boolean;
  /** What must be typed before the button works, for what cannot be taken back. */
  typed?: string;
};

export type Asked = ConfirmOptions & { settle: (yes: boolean) => void };
let pending: Asked | null = null;
const listeners = new Set<() => void>();
const emit = () => listeners.forEach((l) => l());

/** Asks once and resolves with the answer; closing the dialog is a no. */
export function confirm(options: ConfirmOptions): Promise<boolean> {
  pending?.settle(false);
  return new Promise((resolve) => {
    pending = {
      ...options,
      settle: (yes) => {
        pending = null;
        emit();
        resolve(yes);
      },
    };
    emit();
  });
}

/** The question that is open, for the one place that shows it. */
export const asking = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  get: () => pending,
};
