import { Tabs } from "@parley/ui";
import { TabLink } from "@/app/links";
import { qt } from "@/strings/quality";

/** The pages of Quality, in order. */
const tabs = [
  { id: "questions", to: "/quality", label: qt.quality.questions },
  { id: "runs", to: "/quality/runs", label: qt.quality.runs },
  { id: "confidence", to: "/quality/confidence", label: qt.quality.confidence },
] as const;

export function QualityTabs({ active }: { active: (typeof tabs)[number]["id"] }) {
  return (
    <Tabs label={qt.quality.sections}>
      {tabs.map((tab) => (
        <TabLink key={tab.id} to={tab.to} search={{}} activeOptions={{ exact: true }} aria-current={tab.id === active ? "page" : undefined}>
          {tab.label}
        </TabLink>
      ))}
    </Tabs>
  );
}
