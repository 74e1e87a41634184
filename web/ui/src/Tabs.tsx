import { useEffect, useRef, type AnchorHTMLAttributes, type ReactNode, type Ref } from "react";
import classes from "./Tabs.module.css";

/** The parts of a section, each with an address of its own. What stands at the end belongs to all of them. */
export function Tabs({ label, end, children }: { label: string; end?: ReactNode; children: ReactNode }) {
  const nav = useRef<HTMLElement>(null);
  // The one that is open may lie beyond the edge of a phone.
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  return (
    <div className={classes.bar}>
      <nav ref={nav} className={classes.tabs} aria-label={label}>
        {children}
      </nav>
      {end}
    </div>
  );
}

/** One of them; aria-current says which is open. The router makes it a link of its own kind. */
export function Tab(props: AnchorHTMLAttributes<HTMLAnchorElement> & { ref?: Ref<HTMLAnchorElement> }) {
  return <a {...props} className={classes.tab} />;
}
