import { Tabs } from "@parley/ui";
import { TabLink } from "@/app/links";
import { useCan } from "@/app/session";
import { t } from "@/strings";
import { at } from "@/strings/assistant";

const words = at.assistant;

export function AssistantTabs({ active }: { active: "playground" | "profile" | "answers" | "search" | "handover" }) {
  const can = useCan();
  const current = (tab: typeof active) => (active === tab ? "page" : undefined);
  return (
    <Tabs label={words.sections}>
      <TabLink to="/assistant/playground" aria-current={current("playground")}>
        {t.assistant.playground}
      </TabLink>
      <TabLink to="/assistant/profile" aria-current={current("profile")}>
        {words.face.tab}
      </TabLink>
      <TabLink to="/assistant/answers" aria-current={current("answers")}>
        {words.answers}
      </TabLink>
      {can("knowledge:read") && (
        <TabLink to="/assistant/search" aria-current={current("search")}>
          {words.search}
        </TabLink>
      )}
      {can("handoffs:read") && (
        <TabLink to="/assistant/handover" aria-current={current("handover")}>
          {words.handover}
        </TabLink>
      )}
    </Tabs>
  );
}
