import type { ReactNode } from "react";
import classes from "./FormParts.module.css";
import { IconAlertCircle, IconInfoCircle } from "./icons.ts";

export function FormStack({ children }: { children: ReactNode }) {
  return <div className={classes.stack}>{children}</div>;
}

export function FormButtons({ children }: { children: ReactNode }) {
  return <div className={classes.buttons}>{children}</div>;
}

/** Two fields beside each other where there is room, and below each other where there is not. */
export function FormPair({ children }: { children: ReactNode }) {
  return <div className={classes.pair}>{children}</div>;
}

/** Fields that are all read-only for those who may not change them. */
export function FormFields({ disabled, children }: { disabled: boolean; children: ReactNode }) {
  return (
    <fieldset disabled={disabled} className={classes.fields}>
      <FormStack>{children}</FormStack>
    </fieldset>
  );
}

/** Said once when it appears; empty until then, so that screen readers notice the change. */
export function FormMessage({ text }: { text: string | undefined }) {
  return (
    <div role="alert" className={classes.alert}>
      {text && (
        <div className={classes.message}>
          <IconAlertCircle size={18} aria-hidden />
          <span>{text}</span>
        </div>
      )}
    </div>
  );
}

export function Hint({ children, tone = "info" }: { children: ReactNode; tone?: "info" | "warning" | "danger" }) {
  return (
    <div className={classes.message} data-tone={tone}>
      <IconInfoCircle size={18} aria-hidden />
      <div className={classes.grow}>{children}</div>
    </div>
  );
}

export function Card(props: { title?: ReactNode; description?: ReactNode; actions?: ReactNode; children?: ReactNode; flush?: boolean }) {
  return (
    <section className={classes.card}>
      {(props.title || props.actions) && (
        <header className={classes.cardHead}>
          <div>
            {props.title && <h2 className={classes.cardTitle}>{props.title}</h2>}
            {props.description && <p className={classes.cardText}>{props.description}</p>}
          </div>
          {props.actions}
        </header>
      )}
      {props.children && <div className={props.flush ? undefined : classes.cardBody}>{props.children}</div>}
    </section>
  );
}
