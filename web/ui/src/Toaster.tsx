import { ActionIcon, Button } from "@mantine/core";
import { useEffect, useState, useSyncExternalStore } from "react";
import { IconAlertCircle, IconCheck, IconInfoCircle, IconX } from "./icons.ts";
import { uiStrings } from "./strings.ts";
import classes from "./Toaster.module.css";
import { toasts, type Toast } from "./toasts.ts";

export function Toaster() {
  const list = useSyncExternalStore(toasts.subscribe, toasts.get);
  return (
    <div className={classes.region} role="region" aria-label={uiStrings.notifications}>
      <div role="status" aria-live="polite" aria-relevant="additions" className={classes.stack}>
        {list.map((t) => (
          <ToastCard key={t.id} toast={t} />
        ))}
      </div>
    </div>
  );
}

const icons = { success: IconCheck, error: IconAlertCircle, info: IconInfoCircle };

function ToastCard({ toast }: { toast: Toast }) {
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
            toast.action?.run();
            toasts.dismiss(toast.id);
          }}
        >
          {toast.action.label}
        </Button>
      )}
      <ActionIcon size="sm" aria-label={uiStrings.dismiss} onClick={() => toasts.dismiss(toast.id)}>
        <IconX size={16} />
      </ActionIcon>
    </div>
  );
}
