import type { ReactNode } from "react";
import classes from "./PageHeader.module.css";

export function PageHeader(props: { title: ReactNode; description?: ReactNode; actions?: ReactNode; back?: ReactNode; children?: ReactNode }) {
  return (
    <header className={classes.header}>
      {props.back && <div className={classes.back}>{props.back}</div>}
      <div className={classes.row}>
        <div className={classes.text}>
          <h1 className={classes.title} dir="auto">{props.title}</h1>
          {props.description && <div className={classes.description}>{props.description}</div>}
        </div>
        {props.actions && <div className={classes.actions}>{props.actions}</div>}
      </div>
      {props.children}
    </header>
  );
}

/** A page that scrolls as one column of readable width. */
export function Page({ children, width = "wide" }: { children: ReactNode; width?: "wide" | "narrow" }) {
  return (
    <div className={classes.page} data-width={width}>
      {children}
    </div>
  );
}
