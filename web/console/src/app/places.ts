import { IconBook2, IconCoin, IconFlask, IconMessages, IconSettings, IconSparkles } from "@parley/ui/icons";
import { t } from "@/strings";
import { at } from "@/strings/assistant";
import { mt } from "@/strings/costs";
import { kt } from "@/strings/knowledge";
import { qt } from "@/strings/quality";
import { st } from "@/strings/settings";

const settings = st.settings.sections;

/** The pages below the sections that the navigation names, for finding them by name. */
export const places = [
  { to: "/inbox", search: { view: "queue" }, name: t.home.queue, section: t.nav.inbox, icon: IconMessages, needs: "conversations:read" },
  { to: "/knowledge/articles", name: kt.knowledge.articles, section: t.nav.knowledge, icon: IconBook2, needs: "knowledge:read" },
  { to: "/knowledge/findings", name: kt.knowledge.findings.title, section: t.nav.knowledge, icon: IconBook2, needs: "knowledge:read" },
  { to: "/knowledge/websites/new", name: kt.knowledge.addWebsite, section: t.nav.knowledge, icon: IconBook2, needs: "knowledge:write" },
  { to: "/assistant/profile", name: at.assistant.face.tab, section: t.nav.assistant, icon: IconSparkles, needs: "assistant:read" },
  { to: "/assistant/answers", name: at.assistant.answers, section: t.nav.assistant, icon: IconSparkles, needs: "assistant:read" },
  { to: "/assistant/search", name: at.assistant.search, section: t.nav.assistant, icon: IconSparkles, needs: "knowledge:read" },
  { to: "/assistant/handover", name: at.assistant.handover, section: t.nav.assistant, icon: IconSparkles, needs: "handoffs:read" },
  { to: "/quality/runs", name: qt.quality.runs, section: t.nav.quality, icon: IconFlask, needs: "quality:read" },
  { to: "/quality/confidence", name: qt.quality.confidence, section: t.nav.quality, icon: IconFlask, needs: "quality:read" },
  { to: "/costs/calls", name: mt.costs.calls, section: t.nav.costs, icon: IconCoin, needs: "costs:read" },
  { to: "/costs/budget", name: mt.costs.budget, section: t.nav.costs, icon: IconCoin, needs: "costs:read" },
  { to: "/settings/members", name: settings.members, section: t.nav.settings, icon: IconSettings, needs: "members:read" },
  { to: "/settings/roles", name: settings.roles, section: t.nav.settings, icon: IconSettings, needs: "members:read" },
  { to: "/settings/keys", name: settings.keys, section: t.nav.settings, icon: IconSettings, needs: "api-keys:read" },
  { to: "/settings/widget", name: settings.widget, section: t.nav.settings, icon: IconSettings, needs: "widgets:read" },
  { to: "/settings/brands", name: settings.brands, section: t.nav.settings, icon: IconSettings, needs: "widgets:read" },
  { to: "/settings/webhooks", name: settings.webhooks, section: t.nav.settings, icon: IconSettings, needs: "webhooks:read" },
  { to: "/settings/models", name: settings.models, section: t.nav.settings, icon: IconSettings, needs: "models:read" },
  { to: "/settings/jobs", name: settings.jobs, section: t.nav.settings, icon: IconSettings, needs: "jobs:read" },
  { to: "/settings/privacy", name: settings.privacy, section: t.nav.settings, icon: IconSettings, needs: "privacy:read" },
  { to: "/settings/audit", name: settings.audit, section: t.nav.settings, icon: IconSettings, needs: "audit:read" },
  { to: "/settings/account", name: settings.account, section: t.nav.settings, icon: IconSettings, needs: null },
] as const;
