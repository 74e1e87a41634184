import type { ReactNode } from "react";
import classes from "./AssistantSettings.module.css";

/** Fields that belong together, under a heading that says why. */
export function Group({ title, text, error, children }: { title: string; text: string; error?: string | undefined; children: ReactNode }) {
  return (
    <fieldset className={classes.group}>
      <legend className={classes.legend}>{title}</legend>
      <p className={classes.text}>{text}</p>
      {children}
      {error && (
        <p className={classes.error} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
