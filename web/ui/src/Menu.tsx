import { createContext, use, useId, useRef, useState, type ComponentType, type KeyboardEvent, type ReactNode, type ToggleEvent } from "react";
import { IconCheck } from "./icons.ts";
import classes from "./Menu.module.css";

type TriggerProps = { popoverTarget: string; "aria-haspopup": "menu"; "aria-expanded": boolean };
type MenuProps = {
  /** The button that opens it; it must pass these properties on. */
  trigger: (props: TriggerProps) => ReactNode;
  children: ReactNode;
  /** Above the entries, for what is no entry. */
  header?: ReactNode;
  align?: "start" | "end";
  width?: number;
};

const CloseContext = createContext<() => void>(() => {});
const gap = 4;
const items = '[role^="menuitem"]:not([aria-disabled="true"])';

/** Below the button where there is room, else above it; kept inside the window. Distances from the start of the line, so that right-to-left works. */
export function place(button: DOMRect, menu: { width: number; height: number }, window: { width: number; height: number }, align: "start" | "end", rtl: boolean) {
  const below = window.height - button.bottom - gap;
  const block = below >= menu.height || below >= button.top ? button.bottom + gap : Math.max(gap, button.top - gap - menu.height);
  const start = rtl ? window.width - button.right : button.left;
  const wanted = align === "start" ? start : start + button.width - menu.width;
  return { block, inline: Math.max(gap, Math.min(wanted, window.width - menu.width - gap)) };
}

/** A menu in the browser's own popover: it closes by Escape and by a click elsewhere, and nothing can cover or cut it. */
export function Menu({ trigger, children, header, align = "start", width = 224 }: MenuProps) {
  const id = useId();
  const popover = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  const onToggle = (e: ToggleEvent<HTMLDivElement>) => {
    const shown = e.newState === "open";
    setOpen(shown);
    if (shown) e.currentTarget.querySelector<HTMLElement>(items)?.focus();
  };
  const onBeforeToggle = (e: ToggleEvent<HTMLDivElement>) => {
    const menu = e.currentTarget;
    const button = document.querySelector(`[popovertarget="${CSS.escape(id)}"]`)?.getBoundingClientRect();
    if (e.newState !== "open" || !button) return;
    // Its height is known only once it is shown.
    requestAnimationFrame(() => {
      const at = place(button, menu.getBoundingClientRect(), { width: innerWidth, height: innerHeight }, align, document.dir === "rtl");
      menu.style.setProperty("inset-block-start", `${at.block}px`);
      menu.style.setProperty("inset-inline-start", `${at.inline}px`);
    });
  };
  const onKeyDown = (e: KeyboardEvent<HTMLDivElement>) => {
    const list = [...e.currentTarget.querySelectorAll<HTMLElement>(items)];
    const at = list.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[e.key];
    if (e.key === "Tab") popover.current?.hidePopover();
    if (next === undefined || !list.length) return;
    e.preventDefault();
    list.at(next % list.length)?.focus();
  };

  return (
    <>
      {trigger({ popoverTarget: id, "aria-haspopup": "menu", "aria-expanded": open })}
      <div ref={popover} id={id} popover="auto" className={classes.menu} style={{ inlineSize: width }} onBeforeToggle={onBeforeToggle} onToggle={onToggle} onKeyDown={onKeyDown}>
        {header && <div className={classes.header}>{header}</div>}
        <CloseContext value={() => popover.current?.hidePopover()}>
          <div role="menu">{children}</div>
        </CloseContext>
      </div>
    </>
  );
}

type IconType = ComponentType<{ size?: number; "aria-hidden"?: boolean }>;

export function MenuItem(props: { icon?: IconType; end?: ReactNode; onSelect: () => void; children: ReactNode }) {
  const close = use(CloseContext);
  const Icon = props.icon;
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className={classes.item}
      onClick={() => {
        close();
        props.onSelect();
      }}
    >
      {Icon && <Icon size={16} aria-hidden />}
      <span className={classes.label}>{props.children}</span>
      {props.end}
    </button>
  );
}

/** An entry that is on or off; the menu stays, for the next one. */
export function MenuCheck({ checked, onToggle, children }: { checked: boolean; onToggle: () => void; children: ReactNode }) {
  return (
    <button type="button" role="menuitemcheckbox" aria-checked={checked} tabIndex={-1} className={classes.item} onClick={onToggle}>
      <span className={classes.check} aria-hidden>
        {checked && <IconCheck size={16} />}
      </span>
      <span className={classes.label}>{children}</span>
    </button>
  );
}

/** An entry that is a link: the caller renders it, with the class and properties given. */
export function MenuLink(props: {
  icon?: IconType;
  children: ReactNode;
  render: (link: { className: string; role: "menuitem"; tabIndex: -1; onClick: () => void }, content: ReactNode) => ReactNode;
}) {
  const close = use(CloseContext);
  const Icon = props.icon;
  return props.render(
    { className: classes.item ?? "", role: "menuitem", tabIndex: -1, onClick: close },
    <>
      {Icon && <Icon size={16} aria-hidden />}
      <span className={classes.label}>{props.children}</span>
    </>,
  );
}

export function MenuDivider() {
  return <div role="separator" className={classes.divider} />;
}
