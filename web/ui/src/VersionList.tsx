import type { ReactNode } from "react";
import classes from "./VersionList.module.css";

type Version = { version: number; name: string; note: ReactNode };

/** The versions of a text: one is chosen, and what belongs to it stands below. */
export function VersionList({ items, chosen, onChoose, children }: { items: readonly Version[]; chosen: number | undefined; onChoose: (version: number) => void; children: ReactNode }) {
  return (
    <div className={classes.versions}>
      <ul className={classes.list}>
        {items.map((v) => (
          <li key={v.version}>
            <button type="button" className={classes.version} aria-pressed={v.version === chosen} onClick={() => onChoose(v.version)}>
              <strong>{v.name}</strong>
              <span className={classes.note}>{v.note}</span>
            </button>
          </li>
        ))}
      </ul>
      {children}
    </div>
  );
}
