import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { queries } from "@/api/queries";
import { useCan } from "@/app/session";
import { t } from "@/strings";

const words = t.home.steps;
type Step = { id: string; title: string; text: string; to: "/knowledge" | "/assistant/playground" | "/settings/widget" | "/settings/members"; done: boolean | undefined };

/** What is left to do before customers can be served, as far as this person may do it. Undefined: not known yet. */
export function useSetup(): Step[] {
  const can = useCan();
  const may = { knowledge: can("knowledge:write"), ask: can("assistant:read"), widget: can("widgets:write"), team: can("members:write") };
  const sources = useQuery({ ...queries.sources, enabled: may.knowledge });
  const widgets = useQuery({ ...queries.widgets, enabled: may.widget });
  const members = useQuery({ ...queries.members, enabled: may.team });
  const conversations = useInfiniteQuery({ ...queries.conversations({}), enabled: may.ask && can("conversations:read") });
  const steps: (Step | false)[] = [
    may.knowledge && { id: "knowledge", title: words.knowledge, text: words.knowledgeText, to: "/knowledge", done: sources.data?.items.some((s) => s.documents > 0) },
    may.ask && { id: "ask", title: words.ask, text: words.askText, to: "/assistant/playground", done: conversations.data?.pages.some((p) => p.items.length > 0) },
    may.widget && { id: "widget", title: words.widget, text: words.widgetText, to: "/settings/widget", done: widgets.data?.items.some((w) => w.allowedOrigins.length > 0) },
    may.team && { id: "team", title: words.team, text: words.teamText, to: "/settings/members", done: members.data && members.data.items.length > 1 },
  ];
  return steps.filter((s) => s !== false);
}
