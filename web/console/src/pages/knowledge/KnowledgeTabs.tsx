import { Tabs } from "@parley/ui";
import { TabLink } from "@/app/links";
import { kt } from "@/strings/knowledge";

const words = kt.knowledge;

export function KnowledgeTabs({ active }: { active: "sources" | "articles" | "findings" }) {
  const current = (tab: typeof active) => (active === tab ? "page" : undefined);
  return (
    <Tabs label={words.sections}>
      <TabLink to="/knowledge" activeOptions={{ exact: true }} aria-current={current("sources")}>
        {words.sources}
      </TabLink>
      <TabLink to="/knowledge/articles" search={{}} aria-current={current("articles")}>
        {words.articles}
      </TabLink>
      <TabLink to="/knowledge/findings" search={{}} aria-current={current("findings")}>
        {words.findings.title}
      </TabLink>
    </Tabs>
  );
}
