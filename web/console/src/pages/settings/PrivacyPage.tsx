import { useCan } from "@/app/session";
import { DangerZone } from "./DangerZone.tsx";
import { Exports } from "./Exports.tsx";
import { RetentionCard } from "./RetentionCard.tsx";
import { Needs } from "./SettingsPage.tsx";
import classes from "./Settings.module.css";

/** What the workspace keeps of people, for how long, what can be taken along, and what can be deleted for good. */
export function PrivacyPage() {
  const may = useCan()("privacy:write");
  return (
    <Needs permission="privacy:read">
      <div className={classes.stack}>
        <RetentionCard />
        {may && <Exports />}
        {may && <DangerZone />}
      </div>
    </Needs>
  );
}
