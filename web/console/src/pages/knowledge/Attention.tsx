import { Pill } from "@parley/ui";
import { Link } from "@tanstack/react-router";
import type { Source } from "@/api/types";
import { kt } from "@/strings/knowledge";
import classes from "./Knowledge.module.css";

const words = kt.knowledge;

/** The same in one line of words. */
export function attentionText({ freshness: { orphaned, duplicates, contradictions } }: Source): string {
  const { attention } = words;
  return [contradictions > 0 && attention.contradictions(contradictions), duplicates > 0 && attention.duplicates(duplicates), orphaned > 0 && attention.orphaned(orphaned)].filter(Boolean).join(", ");
}

/** What a person should look at, and the way there. The state names pages that fail, unless it has to name the canary. */
export function Attention({ source: s, canaryFails }: { source: Source; canaryFails?: boolean }) {
  const { orphaned, duplicates, contradictions, pagesFailing } = s.freshness;
  return (
    <span className={classes.attention}>
      {contradictions > 0 && (
        <Link to="/knowledge/findings" search={{ kind: "contradiction", source: s.id }}>
          <Pill tone="danger">{words.attention.contradictions(contradictions)}</Pill>
        </Link>
      )}
      {duplicates > 0 && (
        <Link to="/knowledge/findings" search={{ kind: "duplicate", source: s.id }}>
          <Pill tone="warning">{words.attention.duplicates(duplicates)}</Pill>
        </Link>
      )}
      {canaryFails && pagesFailing > 0 && (
        <Link to="/knowledge/sources/$sourceId" params={{ sourceId: s.id }} search={{ tab: "pages" }}>
          <Pill tone="warning">{words.health.pagesFail(pagesFailing)}</Pill>
        </Link>
      )}
      {orphaned > 0 && (
        <Pill tone="warning" title={words.freshness.orphanedText}>
          {words.attention.orphaned(orphaned)}
        </Pill>
      )}
    </span>
  );
}
