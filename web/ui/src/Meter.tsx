import classes from "./Meter.module.css";
import type { Tone } from "./Pill.tsx";

/** A share of a whole as a bar, with an optional mark (a threshold). */
export function Meter(props: { value: number; max?: number; mark?: number; tone?: Tone; label: string; size?: "sm" | "md" }) {
  const max = props.max ?? 1;
  const share = (n: number) => `${Math.max(0, Math.min(1, max === 0 ? 0 : n / max)) * 100}%`;
  return (
    <span
      className={classes.meter}
      data-size={props.size ?? "md"}
      role="meter"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={props.value}
    >
      <span className={classes.fill} data-tone={props.tone ?? "accent"} style={{ inlineSize: share(props.value) }} />
      {props.mark !== undefined && <span className={classes.mark} style={{ insetInlineStart: share(props.mark) }} />}
    </span>
  );
}
