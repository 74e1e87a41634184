import type { ComponentType, ReactNode } from "react";
import classes from "./Frame.module.css";
import { IconDots } from "./icons.ts";
import { Menu } from "./Menu.tsx";
import { Count } from "./Pill.tsx";
import { uiStrings } from "./strings.ts";

export type NavItem = {
  id: string;
  label: string;
  icon: ComponentType<{ size?: number; stroke?: number; "aria-hidden"?: boolean }>;
  active: boolean;
  count?: number;
  countLabel?: string;
  /** Kept in the bar on a phone; the others are under "More". */
  primary?: boolean;
};

type FrameProps = {
  items: readonly NavItem[];
  renderLink: (item: NavItem, className: string, content: ReactNode) => ReactNode;
  header: ReactNode;
  footer: ReactNode;
  /** Entries of the phone's "More" menu besides the sections. */
  menu: ReactNode;
  menuHeader?: ReactNode;
  banner?: ReactNode;
  children: ReactNode;
};

/** The console's outer shape: sections beside the page on a desktop, a bar below it on a phone. The page scrolls, the frame never. */
export function Frame(props: FrameProps) {
  const link = (item: NavItem, className: string | undefined) => {
    const Icon = item.icon;
    return props.renderLink(
      item,
      className ?? "",
      <>
        <Icon size={18} stroke={1.7} aria-hidden />
        <span className={classes.label}>{item.label}</span>
        <Count value={item.count ?? 0} label={item.countLabel ?? ""} strong />
      </>,
    );
  };
  const hidden = props.items.filter((i) => !i.primary);
  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#main">
        {uiStrings.skip}
      </a>
      <aside className={classes.sidebar}>
        <div className={classes.header}>{props.header}</div>
        <nav aria-label={uiStrings.mainNavigation} className={classes.nav}>
          <ul>
            {props.items.map((i) => (
              <li key={i.id}>{link(i, classes.link)}</li>
            ))}
          </ul>
        </nav>
        <div className={classes.footer}>{props.footer}</div>
      </aside>
      <div className={classes.body}>
        {props.banner}
        <main id="main" tabIndex={-1} className={classes.main}>
          {props.children}
        </main>
      </div>
      <nav aria-label={uiStrings.mainNavigation} className={classes.tabbar}>
        {props.items
          .filter((i) => i.primary)
          .map((i) => (
            <div key={i.id} className={classes.tabCell}>
              {link(i, classes.tab)}
            </div>
          ))}
        <Menu
          align="end"
          header={props.menuHeader}
          trigger={(trigger) => (
            <button type="button" className={classes.tab} data-active={hidden.some((i) => i.active) || undefined} {...trigger}>
              <IconDots size={18} stroke={1.7} aria-hidden />
              <span className={classes.label}>{uiStrings.more}</span>
            </button>
          )}
        >
          {props.menu}
        </Menu>
      </nav>
    </div>
  );
}
