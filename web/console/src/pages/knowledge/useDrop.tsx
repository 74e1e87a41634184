import { useEffect, useEffectEvent, useState } from "react";
import { IconUpload } from "@parley/ui/icons";
import { readDrop, type Dropped } from "@/lib/upload";
import { kt } from "@/strings/knowledge";
import classes from "./Knowledge.module.css";

/** Files may be dropped anywhere on the page. Returns the overlay to show meanwhile. */
export function useDrop(onDrop: (files: Promise<Dropped[]>) => void, enabled: boolean) {
  const [over, setOver] = useState(false);
  const dropped = useEffectEvent(onDrop);
  useEffect(() => {
    if (!enabled) return;
    // Enter and leave fire for every element passed over; only their balance says whether the page was left.
    let depth = 0;
    const holdsFiles = (e: DragEvent) => e.dataTransfer?.types.includes("Files") ?? false;
    const enter = (e: DragEvent) => {
      if (!holdsFiles(e)) return;
      e.preventDefault();
      depth++;
      setOver(true);
    };
    const leave = (e: DragEvent) => {
      if (holdsFiles(e) && --depth <= 0) setOver(false);
    };
    const move = (e: DragEvent) => {
      if (holdsFiles(e)) e.preventDefault();
    };
    const drop = (e: DragEvent) => {
      if (!holdsFiles(e) || !e.dataTransfer) return;
      e.preventDefault();
      depth = 0;
      setOver(false);
      dropped(readDrop(e.dataTransfer));
    };
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragleave", leave);
    window.addEventListener("dragover", move);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("dragover", move);
      window.removeEventListener("drop", drop);
    };
  }, [enabled]);

  return over ? (
    <div className={classes.drop} aria-hidden>
      <div className={classes.dropInner}>
        <IconUpload size={32} stroke={1.5} />
        <strong>{kt.knowledge.dropTitle}</strong>
        <span>{kt.knowledge.dropText}</span>
      </div>
    </div>
  ) : null;
}
