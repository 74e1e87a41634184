import { Tabs } from "@parley/ui";
import { TabLink } from "@/app/links";
import { mt } from "@/strings/costs";

/** The pages of Costs, in order. */
const tabs = [
  { id: "overview", to: "/costs", label: mt.costs.overview },
  { id: "calls", to: "/costs/calls", label: mt.costs.calls },
  { id: "budget", to: "/costs/budget", label: mt.costs.budget },
] as const;

export function CostTabs({ active }: { active: (typeof tabs)[number]["id"] }) {
  return (
    <Tabs label={mt.costs.sections}>
      {tabs.map((tab) => (
        <TabLink key={tab.id} to={tab.to} search={{}} activeOptions={{ exact: true }} aria-current={tab.id === active ? "page" : undefined}>
          {tab.label}
        </TabLink>
      ))}
    </Tabs>
  );
}
