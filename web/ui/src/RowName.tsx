import type { ReactNode } from "react";
import classes from "./RowName.module.css";

/** The main cell of a row: its name, a link or a button, each on one line, and below it what tells it from others. */
export function RowName({ children, sub, wraps }: { children: ReactNode; sub?: ReactNode; wraps?: boolean }) {
  return (
    <div className={classes.name} data-wraps={wraps || undefined}>
      {children}
      {sub && (
        <span className={classes.sub} dir="auto" title={typeof sub === "string" ? sub : undefined}>
          {sub}
        </span>
      )}
    </div>
  );
}
