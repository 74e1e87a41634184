import { Pill, RelativeTime } from "@parley/ui";
import { useState } from "react";
import { tt } from "@/strings/tasks";
import classes from "./Tasks.module.css";

/** When a task is due, and that its time has passed. */
export function Due({ at, open }: { at: string | null; open: boolean }) {
  const [now] = useState(Date.now);
  if (at === null) return <span className={classes.muted}>{tt.tasks.noDue}</span>;
  const late = open && Date.parse(at) < now;
  return (
    <span className={classes.due}>
      {late && <Pill tone="danger">{tt.tasks.overdue}</Pill>}
      <RelativeTime short at={at} />
    </span>
  );
}
