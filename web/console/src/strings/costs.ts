import { count, number } from "./format.ts";

const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
const dayFormat = new Intl.DateTimeFormat("en", { month: "short", day: "numeric", timeZone: "UTC" });
const monthFormat = new Intl.DateTimeFormat("en", { month: "long", year: "numeric", timeZone: "UTC" });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** As many digits as the amount needs: cents of dollars, and parts of a cent where it is all there is. */
export function money(n: number): string {
  const size = Math.abs(n);
  const digits = size === 0 || size >= 1 ? 2 : size >= 0.01 ? 4 : 6;
  const text = new Intl.NumberFormat("en", { style: "currency", currency: "USD", minimumFractionDigits: 2, maximumFractionDigits: digits }).format(n);
  return size > 0 && size < 0.000001 ? `< ${n < 0 ? "-" : ""}$0.000001` : text;
}

/** To the last digit that is stored. */
export const exact = (n: number) => new Intl.NumberFormat("en", { style: "currency", currency: "USD", minimumFractionDigits: 2, maximumFractionDigits: 9 }).format(n);

/** The texts about what paid calls cost. */
export const mt = {
  costs: {
    title: "Costs",
    description: "What calls to models cost, what for, and where the limits are. Every number leads to its calls.",
    sections: "Costs",
    overview: "Overview",
    calls: "Calls",
    budget: "Budget",
    percent: (n: number) => percent.format(n),
    tokens: (n: number) => compact.format(n),
    day: (day: string) => dayFormat.format(new Date(`${day}T00:00:00Z`)),
    month: (day: string) => monthFormat.format(new Date(`${day}T00:00:00Z`)),
    none: "None",

    range: "Days",
    ranges: { "7": "7 days", "30": "30 days", "90": "90 days", month: "This month" } as Record<string, string>,
    total: "Total",
    before: (amount: string) => `${amount} in as many days before`,
    change: (share: number) => `${share > 0 ? "+" : ""}${percent.format(share)}`,
    nothingBefore: "Nothing in as many days before",
    callsOf: (n: number) => count(n, "call", "calls"),
    unsettled: (calls: number, amount: string) => `${count(calls, "call", "calls")} with an unknown bill count at what was held for them: ${amount}`,
    empty: "Nothing paid yet",
    emptyText: "Parley answers from your sources without any model, and that costs nothing. Once models are chosen in the settings, each call appears here with its tokens and its price.",
    emptyRange: "Nothing was paid in these days",
    emptyRangeText: "Choose more days to see what was paid before.",

    byDay: "By day",
    byDayText: "Days are those of UTC.",
    stackedBy: "Colours",
    chart: (from: string, to: string, most: string) => `Cost of each day from ${from} to ${to}, at most ${most} a day`,
    numbers: "The numbers",
    other: "Other",
    dayHeader: "Day",

    by: "By",
    dimensions: { service: "Service", provider: "Provider", model: "Model", feature: "What for", assistant: "Assistant", tier: "Tier", day: "Day", conversation: "Conversation" } as Record<string, string>,
    services: { llm: "Language models", vision: "Images", stt: "Speech to text", tts: "Text to speech", embedding: "Vectors", rerank: "Reranking", media: "Media", search: "Search" } as Record<string, string>,
    features: { answer: "Answers", rewrite: "Rewriting questions", judge: "Judging answers", summarise: "Summaries", vision: "Reading images", embed: "Vectors", rerank: "Reranking", test: "Tests of a connection" } as Record<string, string>,
    tiers: { small: "Small", medium: "Medium", large: "Large" } as Record<string, string>,
    noneOf: { assistant: "No assistant", tier: "No tier", conversation: "No conversation" } as Record<string, string>,
    rest: "All others",
    columns: { calls: "Calls", tokens: "Tokens in / out", cached: "From cache", cost: "Cost", share: "Share", at: "When", what: "What for", model: "Model", latency: "Took", link: "Turn" },
    shareOf: (share: string) => `${share} of the cost`,
    export: "Export as CSV",
    exporting: (n: number) => `${number.format(n)} calls…`,
    exportFailed: "The export failed. Try again.",
    exportCut: (n: number) => `The export holds the last ${number.format(n)} calls. Choose fewer days for the others.`,

    tiersTitle: "Tiers",
    tiersText: "How questions were spread over the small, the medium and the large models. Around 70 % small, 25 % medium and 5 % large is what is usually expected; it is never forced. The bar is the share of the cost, the line on it that of the calls.",
    tokensHeader: "Tokens",
    tierBar: (name: string, calls: string, cost: string) => `${name}: ${calls} of the calls, ${cost} of the cost`,
    noTiers: "No call of these days had a tier.",

    savings: "Savings",
    savingsText: "What was paid beside what would have been, each by itself: they are not to be added.",
    baselines: { all_large: "Everything on the large tier", no_cache: "No prompt cache", no_batch: "No batch lane", every_frame: "Every frame of a shared screen" } as Record<string, string>,
    paid: "Paid",
    wouldBe: "Would have cost",
    saved: "Saved",
    counted: (n: number) => `${count(n, "call", "calls")} counted`,
    excludedUnsettled: (n: number) => `${number.format(n)} left out with an unknown bill`,
    excludedUnpriced: (n: number) => `${number.format(n)} left out without a price to compare with`,
    formula: "How it is computed",

    forecast: "End of the month",
    forecastOf: (month: string) => `${month}, expected`,
    interval: (low: string, high: string) => `between ${low} and ${high}, nine times in ten`,
    soFar: (amount: string) => `${amount} so far`,
    tooFewDays: (have: number, needed: number) => `With ${needed} whole days it can be estimated. There ${have === 1 ? "is" : "are"} ${have}.`,
    unusual: "Unusual days",
    unusualText: (usual: string, threshold: string) => `days of its kind usually cost ${usual}; above ${threshold} is unusual`,
    noUnusual: "No day cost much more than days of its kind.",

    callsDescription: "Every paid call of these days, the last first.",
    filters: "Filters",
    removeFilter: (name: string) => `Without ${name}`,
    days: (from: string, to: string) => (from === to ? from : `${from} – ${to}`),
    today: "today",
    earlier: "The last 30 days",
    turnFilter: "One turn",
    unsettledOnly: "Unknown bills",
    atReserve: "Unknown bill",
    atReserveText: "The provider did not say what it bills: what was held for the call counts.",
    batch: "Batch",
    cachedOf: (n: string) => `${n} cached`,
    trace: "Trace",
    noCalls: "No such calls",
    noCallsText: "No paid call of these days fits the filters.",
    showAll: "Show all calls",
    ms: (n: number) => (n >= 1000 ? `${number.format(Math.round(n / 100) / 10)} s` : `${number.format(Math.round(n))} ms`),

    budgetDescription: "Before a call is made, the most that it can cost is held. What does not fit under a limit is answered by a smaller model, by the sources' own sentences, or by a person.",
    now: "Now",
    scopes: { tenant_month: "This month", tenant_day: "Today", anonymous: "Visitors today", conversation: "Conversation", end_user: "Customer today" } as Record<string, string>,
    used: (used: string, limit: string) => `${used} of ${limit}`,
    noLimit: (used: string) => `${used}, no limit`,
    held: (amount: string) => `${amount} of it held for calls under way`,
    reached: (share: string) => `${share} used`,
    hard: "never passed",
    soft: "leads down to the smallest tier",
    dearestConversations: "Dearest conversations",
    dearestConversationsText: "Of the last 30 days.",
    dearestCustomers: "Dearest customers today",
    noScopes: "Nobody has cost anything.",
    alerts: "Alerts",
    alert: (name: string, step: number) => `${name}: ${step} % reached`,
    alertPeriods: { tenant_month: "Month", tenant_day: "Day", anonymous: "Visitors" } as Record<string, string>,
    alertText: (spent: string, budget: string) => `${spent} of ${budget}`,
    noAlerts: "No budget has reached 70 % yet.",

    limits: "Limits",
    limitsText: "In dollars. Leave a field empty for no limit.",
    fields: {
      month: "A month", day: "A day", conversation: "One conversation", endUser: "One customer a day", anonymous: "All visitors together, a day", hardCap: "Never pass month and day", unusual: "Call a day unusual from",
      requestsPerMinute: "Calls a minute", tokensPerMinute: "Tokens a minute",
    } as Record<string, string>,
    hints: {
      conversation: "In all. Never passed.", endUser: "Verified customers. Never passed.", anonymous: "Everybody who is not verified. Never passed: it bounds what an attack by asking can cost.",
      hardCap: "Otherwise the smallest tier goes on answering past them, and alerts say so.", unusual: "So much more than days of its kind, at least.",
      requestsPerMinute: "Of language models. Past it the sources' own sentences answer.", tokensPerMinute: "Prompts and answers together.",
    } as Record<string, string>,
    bad: "Enter an amount between 0 and 1,000,000, or leave it empty.",
    badRate: "Enter a whole number from 1, or leave it empty.",
    badNumber: "Enter an amount between 0 and 1,000,000.",
    ladder: "What happens at a limit",
    ladderSteps: {
      wanted: "The tier that the question deserves, as long as its worst case still fits.",
      smaller: "The next smaller tier that fits.",
      soft: "Past a month or a day that may be passed: the smallest tier goes on.",
      extractive: "At a limit that is never passed: the sources' own sentences, without a model.",
      person: "Where there are none: a person.",
    } as Record<string, string>,
    readOnly: "You can look at the budget, not change it.",
    save: "Save the budget",
    saved2: "The budget is in force",
    versions: "Earlier budgets",
    version: (n: number) => (n === 0 ? "As shipped" : `Version ${n}`),
    inForce: "In force",
    back: "Put in force again",
    backTitle: (name: string) => `Put “${name}” in force again?`,
    backBody: "It holds from the next call on, and you can take it back.",

    // The card on the home page.
    ofMonth: (spent: string, limit: string) => `${spent} of ${limit} this month`,
    thisMonth: (spent: string) => `${spent} this month`,
    nothingThisMonth: "Nothing was paid this month.",
    nearly: { tenant_month: "The month’s budget is nearly used up", tenant_day: "Today’s budget is nearly used up", anonymous: "Visitors have nearly used up their budget" } as Record<string, string>,
    unusualDay: "A day cost much more than usual",
    open: "Open the costs",
  },
};
