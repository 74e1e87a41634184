import { Card, ErrorState, ListSkeleton, Page, PageHeader } from "@parley/ui";
import { useQuery } from "@tanstack/react-query";
import { explain } from "@/api/problem";
import * as ws from "@/api/workspace";
import { Forbidden } from "@/app/Forbidden";
import { useCan } from "@/app/session";
import { t } from "@/strings";
import { at } from "@/strings/assistant";
import classes from "./AssistantSettings.module.css";
import { AssistantTabs } from "./AssistantTabs.tsx";
import { HoursForm } from "./HoursForm.tsx";
import { RulesForm } from "./RulesForm.tsx";

/** When a person is called, when people are there, and what happens in between. */
export function HandoverPage() {
  const enabled = useCan()("handoffs:read");
  const settings = useQuery({ ...ws.queries.escalations, enabled });
  if (!enabled) return <Forbidden />;
  return (
    <Page>
      <PageHeader title={t.assistant.title} description={at.assistant.rules.description} />
      <AssistantTabs active="handover" />
      {settings.isPending ? (
        <ListSkeleton rows={4} height={150} gap={16} />
      ) : settings.isError ? (
        <Card>
          <ErrorState detail={explain(settings.error)} onRetry={() => void settings.refetch()} />
        </Card>
      ) : (
        <div className={classes.narrow}>
          <HoursForm hours={settings.data.serviceHours} />
          <RulesForm rules={settings.data.rules} />
        </div>
      )}
    </Page>
  );
}
