import { Button, TextInput } from "@mantine/core";
import { useState, useSyncExternalStore, type ReactNode } from "react";
import classes from "./confirm.module.css";
import { Dialog } from "./Dialog.tsx";
import { uiStrings } from "./strings.ts";

export type ConfirmOptions = {
  title: string;
  body: ReactNode;
  confirm: string;
  danger?: boolean;
  /** What must be typed before the button works, for what cannot be taken back. */
  typed?: string;
};

type Pending = ConfirmOptions & { settle: (yes: boolean) => void };
let pending: Pending | null = null;
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

export function ConfirmHost() {
  const open = useSyncExternalStore(
    (l) => {
      listeners.add(l);
      return () => void listeners.delete(l);
    },
    () => pending,
  );
  return (
    <Dialog opened={open !== null} onClose={() => open?.settle(false)} title={open?.title ?? ""}>
      {open && <ConfirmBody key={open.title} options={open} />}
    </Dialog>
  );
}

function ConfirmBody({ options }: { options: Pending }) {
  const [typed, setTyped] = useState("");
  const ready = options.typed === undefined || typed.trim() === options.typed;
  return (
    <form
      className={classes.form}
      onSubmit={(e) => {
        e.preventDefault();
        if (ready) options.settle(true);
      }}
    >
      <div className={classes.body}>{options.body}</div>
      {options.typed !== undefined && (
        <TextInput
          data-autofocus
          label={uiStrings.typeToConfirm(options.typed)}
          value={typed}
          onChange={(e) => setTyped(e.currentTarget.value)}
          autoComplete="off"
        />
      )}
      <div className={classes.buttons}>
        <Button variant="default" onClick={() => options.settle(false)}>
          {uiStrings.cancel}
        </Button>
        <Button
          type="submit"
          color={options.danger ? "danger" : undefined}
          disabled={!ready}
          data-autofocus={options.typed === undefined ? true : undefined}
        >
          {options.confirm}
        </Button>
      </div>
    </form>
  );
}
