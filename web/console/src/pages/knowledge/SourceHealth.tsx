import { Pill, RelativeTime } from "@parley/ui";
import type { Canary, Source } from "@/api/types";
import classes from "./Knowledge.module.css";
import { health } from "./sourceHealth.ts";

export function SourceHealth({ source, canary }: { source: Source; canary: Canary | undefined }) {
  const h = health(source, canary);
  return (
    <div className={classes.health}>
      <Pill tone={h.tone}>{h.name}</Pill>
      {(h.since || h.detail) && (
        <span className={classes.healthDetail} title={h.detail}>
          {h.since && <RelativeTime short at={h.since} />}
          {h.since && h.detail && " · "}
          {h.detail}
        </span>
      )}
    </div>
  );
}
