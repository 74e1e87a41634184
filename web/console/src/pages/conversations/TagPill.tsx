import { IconX } from "@parley/ui/icons";
import type { ReactNode } from "react";
import { vt } from "@/strings/conversations";
import classes from "./Tags.module.css";

/** A tag in its colour; the word carries the meaning. */
export function TagPill({ tag, onRemove, children }: { tag: { name: string; color: string }; onRemove?: (() => void) | undefined; children?: ReactNode }) {
  return (
    <span className={classes.tag} data-color={tag.color}>
      <span className={classes.name} dir="auto">
        {children ?? tag.name}
      </span>
      {onRemove && (
        <button type="button" className={classes.remove} aria-label={vt.tags.unassign(tag.name)} title={vt.tags.unassign(tag.name)} onClick={onRemove}>
          <IconX size={12} aria-hidden />
        </button>
      )}
    </span>
  );
}
