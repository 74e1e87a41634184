import { Checkbox } from "@mantine/core";
import { label } from "@/lib/labels";
import { st } from "@/strings/settings";
import classes from "./Settings.module.css";

const words = st.settings.keys;
const actions = ["read", "write"];

type Props = {
  legend: string;
  all: readonly string[];
  /** What the person holds: more cannot be given. */
  held: readonly string[];
  chosen: readonly string[];
  error: string | undefined;
  onChange: (chosen: string[]) => void;
};

/** The permission catalogue, area by area. */
export function Permissions({ legend, all, held, chosen, error, onChange }: Props) {
  const areas = [...new Set(all.map((key) => key.split(":")[0] ?? key))];
  return (
    <fieldset className={classes.scopes}>
      <legend>{legend}</legend>
      <div className={classes.scopeGrid}>
        {areas.map((area) => (
          <div key={area} className={classes.scopeRow}>
            <span>{label(words.areas, area)}</span>
            {actions.map((action) => {
              const key = `${area}:${action}`;
              if (!all.includes(key)) return <span key={action} />;
              const name = label(words.actionsOf, action);
              return (
                <Checkbox
                  key={action}
                  size="xs"
                  label={name}
                  aria-label={`${label(words.areas, area)}: ${name}`}
                  disabled={!held.includes(key)}
                  checked={chosen.includes(key)}
                  onChange={(e) => onChange(e.currentTarget.checked ? [...chosen, key] : chosen.filter((c) => c !== key))}
                />
              );
            })}
          </div>
        ))}
      </div>
      {error && (
        <div className={classes.fieldError} role="alert">
          {error}
        </div>
      )}
    </fieldset>
  );
}
