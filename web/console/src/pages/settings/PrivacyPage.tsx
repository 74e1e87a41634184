import { Card, ListSkeleton } from "@parley/ui";
import { useQuery } from "@tanstack/react-query";
import { privacyQueries } from "@/api/privacy";
import { useCan } from "@/app/session";
import { DangerZone } from "./DangerZone.tsx";
import { Exports } from "./Exports.tsx";
import { RetentionCard } from "./RetentionCard.tsx";
import { Needs } from "./SettingsPage.tsx";
import classes from "./Settings.module.css";

/** What the workspace keeps of people, for how long, what can be taken along, and what can be deleted for good. */
export function PrivacyPage() {
  return (
    <Needs permission="privacy:read">
      <Cards />
    </Needs>
  );
}

/** All at once: each would push those below it while it comes. */
function Cards() {
  const may = useCan()("privacy:write");
  const retention = useQuery(privacyQueries.retention);
  const exports = useQuery({ ...privacyQueries.exports, enabled: may });
  // Not "loading": a card that comes with a failed answer asks again, and would be gone for it.
  if (!retention.isFetched || (may && !exports.isFetched)) {
    return (
      <Card>
        <ListSkeleton rows={3} height={120} gap={16} />
      </Card>
    );
  }
  return (
    <div className={classes.stack}>
      <RetentionCard />
      {may && <Exports />}
      {may && <DangerZone />}
    </div>
  );
}
