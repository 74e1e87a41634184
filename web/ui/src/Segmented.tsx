import { useId, type ReactNode } from "react";
import classes from "./Segmented.module.css";

export type SegmentedProps = {
  "aria-label": string;
  value: string;
  onChange: (value: string) => void;
  data: { value: string; label: ReactNode }[];
  size?: "xs" | "sm";
  fullWidth?: boolean;
};

/** One of a few. Native radio buttons: it stands on every page, and the library's own is fetched on every first visit. */
export function Segmented({ value, onChange, data, size = "sm", fullWidth = false, ...label }: SegmentedProps) {
  const name = useId();
  return (
    <div role="radiogroup" className={classes.choices} data-size={size} data-wide={fullWidth || undefined} {...label}>
      {data.map((x) => (
        <label key={x.value} className={classes.choice}>
          <input type="radio" className={classes.input} name={name} value={x.value} checked={x.value === value} onChange={() => onChange(x.value)} />
          {x.label}
        </label>
      ))}
    </div>
  );
}
