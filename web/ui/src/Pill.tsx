import type { ComponentType, ReactNode } from "react";
import classes from "./Pill.module.css";

export type Tone = "neutral" | "accent" | "success" | "warning" | "danger" | "info";

/** A state in one word. The word carries the meaning; colour only helps to find it. */
export function Pill(props: { tone?: Tone; children: ReactNode; icon?: ComponentType<{ size?: number; "aria-hidden"?: boolean }>; title?: string }) {
  const Icon = props.icon;
  return (
    <span className={classes.pill} data-tone={props.tone ?? "neutral"} title={props.title}>
      {Icon ? <Icon size={13} aria-hidden /> : null}
      <span className={classes.label}>{props.children}</span>
    </span>
  );
}

export function Dot({ tone, label }: { tone: Tone; label: string }) {
  return <span className={classes.dot} data-tone={tone} role="img" aria-label={label} title={label} />;
}

/** A number beside a name, such as how many wait. */
export function Count({ value, label, strong = false }: { value: number; label: string; strong?: boolean }) {
  if (value === 0) return null;
  return (
    <span className={classes.count} data-strong={strong || undefined} aria-label={label}>
      {value > 99 ? "99+" : value}
    </span>
  );
}
