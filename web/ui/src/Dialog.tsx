import { use, useEffect, useEffectEvent, useId, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { ActionIcon } from "@mantine/core";
import classes from "./Dialog.module.css";
import { IconX } from "./icons.ts";
import { uiStrings } from "./strings.ts";
import { Unsaved, UnsavedContext } from "./unsaved.ts";

type DialogProps = {
  opened: boolean;
  onClose: () => void;
  title: ReactNode;
  children: ReactNode;
  size?: "md" | "lg";
  /** Stands at the end of the line over the whole height, for looking something up beside the page. */
  side?: boolean;
  /** Without a visible head: the content has a field in its place. The title still names it. */
  bare?: boolean;
  /** False for what must be answered, or is shown only once: neither Escape nor a click beside it closes it. */
  dismissable?: boolean;
};

/**
 * The browser's own modal dialog: it keeps the focus, makes the rest of the page inert, lies above everything and gives the
 * focus back afterwards. A later one lies above an earlier one.
 */
export function Dialog(props: DialogProps) {
  return props.opened ? <OpenDialog {...props} /> : null;
}

function OpenDialog({ onClose, title, children, size = "md", side = false, bare = false, dismissable = true }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const outer = use(UnsavedContext);
  const [inner] = useState(() => new Unsaved(outer));
  // By Escape, the cross or a click beside it: all three happen by mistake. A button that says "Cancel" is an answer already.
  const dismiss = async () => {
    if (await inner.mayLeave()) onClose();
  };

  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    const first = dialog?.querySelector<HTMLElement>("[data-autofocus]") ?? dialog?.querySelector<HTMLElement>("[data-body] :is(input, select, textarea, button, a[href])");
    first?.focus();
    // Closing before it leaves the page is what returns the focus.
    return () => dialog?.close();
  }, []);

  // The browser may close it all the same (a second Escape): what must be answered, or holds something unsaved, opens again.
  const onClosed = useEffectEvent(() => {
    const dialog = ref.current;
    if (!dialog?.isConnected) return;
    if (dismissable && !inner.any()) return onClose();
    dialog.showModal();
    if (dismissable) void dismiss();
  });
  useEffect(() => {
    const dialog = ref.current;
    dialog?.addEventListener("close", onClosed);
    return () => dialog?.removeEventListener("close", onClosed);
  }, []);

  return (
    <dialog
      ref={ref}
      className={classes.dialog}
      data-size={size}
      data-side={side || undefined}
      data-bare={bare || undefined}
      aria-labelledby={titleId}
      onCancel={(e) => {
        e.preventDefault();
        if (dismissable) void dismiss();
      }}
      onMouseDown={(e) => {
        if (dismissable && e.target === e.currentTarget) void dismiss();
      }}
    >
      <div className={classes.inner}>
        <header className={classes.head} data-bare={bare || undefined}>
          <h2 id={titleId} className={classes.title}>
            {title}
          </h2>
          {dismissable && !bare && (
            <ActionIcon aria-label={uiStrings.close} onClick={() => void dismiss()}>
              <IconX size={18} />
            </ActionIcon>
          )}
        </header>
        <div className={classes.body} data-body>
          <UnsavedContext value={inner}>{children}</UnsavedContext>
        </div>
      </div>
    </dialog>
  );
}
