import type { ReactNode } from "react";
import classes from "./SignIn.module.css";

/** A page of its own, outside the frame. */
export function Centered({ title, text, children }: { title: string; text?: string; children?: ReactNode }) {
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <img src="/console/icon.svg" width={40} height={40} alt="" className={classes.logo} />
        <h1 className={classes.title}>{title}</h1>
        {text && <p className={classes.text}>{text}</p>}
        {children}
      </div>
    </main>
  );
}
