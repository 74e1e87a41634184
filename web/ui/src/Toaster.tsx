import { ActionIcon, Button } from "@mantine/core";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useHotkeys } from "./Hotkeys.tsx";
import { IconAlertCircle, IconCheck, IconInfoCircle, IconX } from "./icons.ts";
import { Keys } from "./Keys.tsx";
import { uiStrings } from "./strings.ts";
import classes from "./Toaster.module.css";
import { toasts, type Toast } from "./toasts.ts";

export function Toaster() {
  const list = useSyncExternalStore(toasts.subscribe, toasts.get);
  useHotkeys([{ keys: "z", label: uiStrings.undoLast, run: () => void (toasts.undo() || toasts.show({ kind: "info", text: uiStrings.nothingToUndo })) }]);
  const undone = list.findLast((t) => t.action?.undo);
  return (
    <div className={classes.region} role="region" aria-label={uiStrings.notifications}>
      <div role="status" aria-live="polite" aria-relevant="additions" className={classes.stack}>
        {list.map((t) => (
          <ToastCard key={t.id} toast={t} keyed={t === undone} />
        ))}
      </div>
    </div>
  );
}

const icons = { success: IconCheck, error: IconAlertCircle, info: IconInfoCircle };

function ToastCard({ toast, keyed }: { toast: Toast; keyed: boolean }) {
  const [held, setHeld] = useState(false);
  // Reading must not race a clock: pointer or focus inside holds the message.
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => toasts.dismiss(toast.id), toast.stay);
    return () => clearTimeout(timer);
  }, [held, toast.id, toast.stay]);
  const Icon = icons[toast.kind];
  return (
    <div
      className={classes.toast}
      data-kind={toast.kind}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon size={18} className={classes.icon} aria-hidden />
      <div className={classes.text}>
        <div>{toast.text}</div>
        {toast.detail && <div className={classes.detail}>{toast.detail}</div>}
      </div>
      {toast.action && (
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={() => {
            toasts.dismiss(toast.id);
            toast.action?.run();
          }}
        >
          {toast.action.label}
          {keyed && (
            <span className={classes.keys} aria-hidden>
              <Keys keys="z" />
            </span>
          )}
        </Button>
      )}
      <ActionIcon size="sm" aria-label={uiStrings.dismiss} onClick={() => toasts.dismiss(toast.id)}>
        <IconX size={16} />
      </ActionIcon>
    </div>
  );
}
