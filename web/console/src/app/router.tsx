import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { Shell } from "./Shell.tsx";
import { NotFound, RouteError } from "./RouteError.tsx";
import { filterNames, type Filter } from "@/lib/filterNames";
import type { InboxView } from "./useAttention.ts";

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
const oneOf = <T extends string>(value: unknown, choices: readonly T[]) => choices.find((c) => c === value);

const root = createRootRouteWithContext<{ client: QueryClient }>()({ component: Shell, notFoundComponent: NotFound, errorComponent: RouteError });

const home = createRoute({ getParentRoute: () => root, path: "/", component: lazyRouteComponent(() => import("@/pages/home/HomePage"), "HomePage") });

const inbox = createRoute({
  getParentRoute: () => root,
  path: "/inbox",
  validateSearch: (s): { view?: InboxView } => {
    const view = oneOf(s.view, ["queue", "mine", "open"] as const);
    return view ? { view } : {};
  },
  component: lazyRouteComponent(() => import("@/pages/inbox/InboxPage"), "InboxPage"),
});
const inboxEmpty = createRoute({ getParentRoute: () => inbox, path: "/", component: lazyRouteComponent(() => import("@/pages/inbox/InboxPage"), "NothingChosen") });
const inboxOne = createRoute({
  getParentRoute: () => inbox,
  path: "$conversationId",
  component: lazyRouteComponent(() => import("@/pages/inbox/InboxConversation"), "InboxConversation"),
});

const conversations = createRoute({
  getParentRoute: () => root,
  path: "/conversations",
  // A rating of 4 in the address is read as a number.
  validateSearch: (s): Filter => Object.fromEntries(filterNames.map((k) => [k, text(typeof s[k] === "number" ? String(s[k]) : s[k])]).filter(([, v]) => v !== undefined)),
  component: lazyRouteComponent(() => import("@/pages/conversations/ConversationsPage"), "ConversationsPage"),
});
const conversation = createRoute({
  getParentRoute: () => root,
  path: "/conversations/$conversationId",
  validateSearch: (s): { message?: string; turn?: string } => ({ ...(text(s.message) && { message: text(s.message) as string }), ...(text(s.turn) && { turn: text(s.turn) as string }) }),
  component: lazyRouteComponent(() => import("@/pages/conversations/ConversationPage"), "ConversationPage"),
});

const tasks = createRoute({
  getParentRoute: () => root,
  path: "/tasks",
  validateSearch: (s): { view?: "mine" | "open" | "overdue" | "done" } => {
    const view = oneOf(s.view, ["mine", "open", "overdue", "done"] as const);
    return view ? { view } : {};
  },
  component: lazyRouteComponent(() => import("@/pages/tasks/TasksPage"), "TasksPage"),
});

const knowledge = createRoute({ getParentRoute: () => root, path: "/knowledge", component: lazyRouteComponent(() => import("@/pages/knowledge/KnowledgePage"), "KnowledgePage") });
const source = createRoute({
  getParentRoute: () => root,
  path: "/knowledge/sources/$sourceId",
  validateSearch: (s): { tab?: "imports" | "settings" | "pages"; q?: string; import?: string } => {
    const tab = oneOf(s.tab, ["imports", "settings", "pages"] as const);
    return { ...(tab && { tab }), ...(text(s.q) && { q: text(s.q) as string }), ...(text(s.import) && { import: text(s.import) as string }) };
  },
  component: lazyRouteComponent(() => import("@/pages/knowledge/SourcePage"), "SourcePage"),
});
const website = createRoute({ getParentRoute: () => root, path: "/knowledge/websites/new", component: lazyRouteComponent(() => import("@/pages/knowledge/NewWebsitePage"), "NewWebsitePage") });
const articles = createRoute({
  getParentRoute: () => root,
  path: "/knowledge/articles",
  validateSearch: (s): { q?: string; state?: string; collection?: string } => Object.fromEntries(["q", "state", "collection"].map((k) => [k, text(s[k])]).filter(([, v]) => v !== undefined)),
  component: lazyRouteComponent(() => import("@/pages/articles/ArticlesPage"), "ArticlesPage"),
});
const article = createRoute({
  getParentRoute: () => root,
  path: "/knowledge/articles/$articleId",
  validateSearch: (s): { locale?: string } => ({ ...(text(s.locale) && { locale: text(s.locale) as string }) }),
  component: lazyRouteComponent(() => import("@/pages/articles/ArticlePage"), "ArticlePage"),
});
const findings = createRoute({
  getParentRoute: () => root,
  path: "/knowledge/findings",
  validateSearch: (s): { kind?: string; source?: string } => {
    const kind = oneOf(s.kind, ["duplicate", "contradiction", "dismissed"] as const);
    return { ...(kind && { kind }), ...(text(s.source) && { source: text(s.source) as string }) };
  },
  component: lazyRouteComponent(() => import("@/pages/knowledge/FindingsPage"), "FindingsPage"),
});
const document = createRoute({
  getParentRoute: () => root,
  path: "/knowledge/documents/$documentId",
  validateSearch: (s): { chunk?: string } => ({ ...(text(s.chunk) && { chunk: text(s.chunk) as string }) }),
  component: lazyRouteComponent(() => import("@/pages/knowledge/DocumentPage"), "DocumentPage"),
});

const assistant = createRoute({
  getParentRoute: () => root,
  path: "/assistant",
  beforeLoad: () => {
    throw redirect({ to: "/assistant/playground" });
  },
});
const playground = createRoute({
  getParentRoute: () => root,
  path: "/assistant/playground",
  validateSearch: (s): { q?: string; version?: number } => ({ ...(text(s.q) && { q: text(s.q) as string }), ...(typeof s.version === "number" && s.version >= 0 && { version: s.version }) }),
  component: lazyRouteComponent(() => import("@/pages/assistant/PlaygroundPage"), "PlaygroundPage"),
});

const profile = createRoute({
  getParentRoute: () => root,
  path: "/assistant/profile",
  validateSearch: (s): { version?: number } => (typeof s.version === "number" && s.version >= 0 ? { version: s.version } : {}),
  component: lazyRouteComponent(() => import("@/pages/assistant/ProfilePage"), "ProfilePage"),
});
const answers = createRoute({
  getParentRoute: () => root,
  path: "/assistant/answers",
  validateSearch: (s): { version?: number } => (typeof s.version === "number" && s.version >= 0 ? { version: s.version } : {}),
  component: lazyRouteComponent(() => import("@/pages/assistant/AnswersPage"), "AnswersPage"),
});
const search = createRoute({ getParentRoute: () => root, path: "/assistant/search", component: lazyRouteComponent(() => import("@/pages/assistant/RetrievalPage"), "RetrievalPage") });
const handover = createRoute({ getParentRoute: () => root, path: "/assistant/handover", component: lazyRouteComponent(() => import("@/pages/assistant/HandoverPage"), "HandoverPage") });

const quality = createRoute({
  getParentRoute: () => root,
  path: "/quality",
  validateSearch: (s): { q?: string; outcome?: string; category?: string; language?: string; tag?: string } =>
    Object.fromEntries(["q", "outcome", "category", "language", "tag"].map((k) => [k, text(s[k])]).filter(([, v]) => v !== undefined)),
  component: lazyRouteComponent(() => import("@/pages/quality/QuestionsPage"), "QuestionsPage"),
});
const confidence = createRoute({ getParentRoute: () => root, path: "/quality/confidence", component: lazyRouteComponent(() => import("@/pages/quality/ConfidencePage"), "ConfidencePage") });
const runs = createRoute({ getParentRoute: () => root, path: "/quality/runs", component: lazyRouteComponent(() => import("@/pages/quality/RunsPage"), "RunsPage") });
const run = createRoute({
  getParentRoute: () => root,
  path: "/quality/runs/$runId",
  validateSearch: (s): { change?: "better" | "worse" | "right" | "wrong" } => {
    const change = oneOf(s.change, ["better", "worse", "right", "wrong"] as const);
    return change ? { change } : {};
  },
  component: lazyRouteComponent(() => import("@/pages/quality/RunPage"), "RunPage"),
});
const difference = createRoute({
  getParentRoute: () => root,
  path: "/quality/difference",
  validateSearch: (s): { before?: string; after?: string; change?: "better" | "worse" | "right" | "wrong" } => {
    const change = oneOf(s.change, ["better", "worse", "right", "wrong"] as const);
    return { ...(text(s.before) && { before: text(s.before) as string }), ...(text(s.after) && { after: text(s.after) as string }), ...(change && { change }) };
  },
  component: lazyRouteComponent(() => import("@/pages/quality/DifferencePage"), "DifferencePage"),
});
const result = createRoute({ getParentRoute: () => root, path: "/quality/runs/$runId/questions/$questionId", component: lazyRouteComponent(() => import("@/pages/quality/ResultPage"), "ResultPage") });

const costFilters = ["from", "to", "service", "provider", "model", "feature", "assistant", "tier", "conversation", "turn"] as const;
const costs = createRoute({
  getParentRoute: () => root,
  path: "/costs",
  validateSearch: (s): { days?: "7" | "90" | "month"; by?: string; split?: string } => {
    const days = oneOf(String(s.days), ["7", "90", "month"] as const);
    return { ...(days && { days }), ...(text(s.by) && { by: text(s.by) as string }), ...(text(s.split) && { split: text(s.split) as string }) };
  },
  component: lazyRouteComponent(() => import("@/pages/costs/CostsPage"), "CostsPage"),
});
const costCalls = createRoute({
  getParentRoute: () => root,
  path: "/costs/calls",
  validateSearch: (s): Partial<Record<(typeof costFilters)[number], string>> & { settled?: false } => ({
    ...Object.fromEntries(costFilters.map((k) => [k, text(s[k])]).filter(([, v]) => v !== undefined)),
    ...(s.settled === false && { settled: false as const }),
  }),
  component: lazyRouteComponent(() => import("@/pages/costs/CallsPage"), "CallsPage"),
});
const budget = createRoute({ getParentRoute: () => root, path: "/costs/budget", component: lazyRouteComponent(() => import("@/pages/costs/BudgetPage"), "BudgetPage") });

const settings = createRoute({ getParentRoute: () => root, path: "/settings", component: lazyRouteComponent(() => import("@/pages/settings/SettingsPage"), "SettingsPage") });
const settingsIndex = createRoute({ getParentRoute: () => settings, path: "/", component: lazyRouteComponent(() => import("@/pages/settings/SettingsPage"), "SettingsIndex") });
const members = createRoute({ getParentRoute: () => settings, path: "members", component: lazyRouteComponent(() => import("@/pages/settings/MembersPage"), "MembersPage") });
const keys = createRoute({ getParentRoute: () => settings, path: "keys", component: lazyRouteComponent(() => import("@/pages/settings/KeysPage"), "KeysPage") });
const widget = createRoute({
  getParentRoute: () => settings,
  path: "widget",
  validateSearch: (s): { widget?: string } => ({ ...(text(s.widget) && { widget: text(s.widget) as string }) }),
  component: lazyRouteComponent(() => import("@/pages/settings/WidgetPage"), "WidgetPage"),
});
const models = createRoute({ getParentRoute: () => settings, path: "models", component: lazyRouteComponent(() => import("@/pages/models/ModelsPage"), "ModelsPage") });
const webhooks = createRoute({ getParentRoute: () => settings, path: "webhooks", component: lazyRouteComponent(() => import("@/pages/webhooks/WebhooksPage"), "WebhooksPage") });
const webhook = createRoute({
  getParentRoute: () => settings,
  path: "webhooks/$webhookId",
  validateSearch: (s): { state?: "pending" | "delivered" | "failed" | "cancelled"; delivery?: string } => {
    const state = oneOf(s.state, ["pending", "delivered", "failed", "cancelled"] as const);
    return { ...(state && { state }), ...(text(s.delivery) && { delivery: text(s.delivery) as string }) };
  },
  component: lazyRouteComponent(() => import("@/pages/webhooks/WebhookPage"), "WebhookPage"),
});
const jobs = createRoute({ getParentRoute: () => settings, path: "jobs", component: lazyRouteComponent(() => import("@/pages/settings/JobsPage"), "JobsPage") });
const account = createRoute({ getParentRoute: () => settings, path: "account", component: lazyRouteComponent(() => import("@/pages/settings/AccountPage"), "AccountPage") });
const roles = createRoute({ getParentRoute: () => settings, path: "roles", component: lazyRouteComponent(() => import("@/pages/settings/RolesPage"), "RolesPage") });
const brands = createRoute({ getParentRoute: () => settings, path: "brands", component: lazyRouteComponent(() => import("@/pages/settings/BrandsPage"), "BrandsPage") });
const privacy = createRoute({ getParentRoute: () => settings, path: "privacy", component: lazyRouteComponent(() => import("@/pages/settings/PrivacyPage"), "PrivacyPage") });
const audit = createRoute({ getParentRoute: () => settings, path: "audit", component: lazyRouteComponent(() => import("@/pages/settings/AuditPage"), "AuditPage") });

const routeTree = root.addChildren([
  home,
  inbox.addChildren([inboxEmpty, inboxOne]),
  conversations,
  conversation,
  tasks,
  knowledge,
  source,
  website,
  articles,
  article,
  findings,
  document,
  assistant,
  playground,
  profile,
  answers,
  search,
  handover,
  quality,
  confidence,
  runs,
  run,
  difference,
  result,
  costs,
  costCalls,
  budget,
  settings.addChildren([settingsIndex, members, keys, widget, webhooks, webhook, models, jobs, brands, privacy, audit, roles, account]),
]);

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree,
    basepath: "/console",
    context: { client },
    defaultPreload: "intent",
    defaultPendingMs: 200,
    scrollRestoration: true,
    scrollToTopSelectors: ["#main"],
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
