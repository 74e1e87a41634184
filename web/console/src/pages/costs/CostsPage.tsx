import { Card, EmptyState, ErrorState, ListSkeleton, Page, PageHeader, Segmented } from "@parley/ui";
import { IconCoin } from "@parley/ui/icons";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { costQueries, dimensions, type CostReport } from "@/api/costs";
import { explain } from "@/api/problem";
import { Needs } from "@/pages/settings/SettingsPage";
import { money, mt } from "@/strings/costs";
import { ByTable } from "./ByTable.tsx";
import { CostTabs } from "./CostTabs.tsx";
import classes from "./Costs.module.css";
import { daysOf, ranges, stack, type Range } from "./costDays.ts";
import { DayChart } from "./DayChart.tsx";
import { Forecast } from "./Forecast.tsx";
import { useNames } from "./names.ts";
import { Savings } from "./Savings.tsx";
import { Tiers } from "./Tiers.tsx";
import { Unusual } from "./Unusual.tsx";

const words = mt.costs;
const splits = ["feature", "model", "service", "tier"] as const;
const tables = dimensions.filter((d) => d !== "day");
const colours = 6;

/** What was paid, by day and by whatever somebody wants to know it by. */
export function CostsPage() {
  return (
    <Needs permission="costs:read">
      <Page>
        <PageHeader title={words.title} description={words.description} actions={<RangeChoice />} />
        <CostTabs active="overview" />
        <Overview />
      </Page>
    </Needs>
  );
}

function useRange(): Range {
  return useSearch({ from: "/costs" }).days ?? "30";
}

function RangeChoice() {
  const range = useRange();
  const navigate = useNavigate();
  return (
    <Segmented
      aria-label={words.range}
      value={range}
      onChange={(days) => void navigate({ to: "/costs", search: (s) => ({ ...s, days: days === "30" ? undefined : (days as Exclude<Range, "30">) }), replace: true })}
      data={ranges.map((value) => ({ value, label: words.ranges[value] }))}
    />
  );
}

function Overview() {
  const search = useSearch({ from: "/costs" });
  const range = useRange();
  // The days of one visit stay the same past midnight: what is shown belongs together.
  const [now] = useState(() => Date.now());
  const days = daysOf(range, now);
  const split = splits.find((s) => s === search.split) ?? "feature";
  const by = tables.find((d) => d === search.by) ?? "model";
  const navigate = useNavigate();
  const names = useNames();
  const daily = useQuery(costQueries.report({ ...days, by: "day", split }));
  const table = useQuery(costQueries.report({ ...days, by }));
  const tiers = useQuery(costQueries.report({ ...days, by: "tier" }));
  const savings = useQuery(costQueries.savings(days));
  const forecast = useQuery(costQueries.forecast);
  const anomalies = useQuery(costQueries.anomalies);
  const all = [daily, table, tiers, savings, forecast, anomalies];
  const failed = all.find((q) => q.isError && !q.data);
  if (failed)
    return (
      <Card>
        <ErrorState detail={explain(failed.error)} onRetry={() => all.forEach((q) => q.isError && void q.refetch())} />
      </Card>
    );
  // All at once: nothing moves under the reader's eyes.
  if (!daily.data || !table.data || !tiers.data || !savings.data || !forecast.data || !anomalies.data) return <ListSkeleton rows={4} height={180} gap={16} />;
  if (daily.data.total.calls === 0 && forecast.data.soFar === 0)
    return (
      <Card>
        <EmptyState icon={IconCoin} title={daily.data.before.calls > 0 ? words.emptyRange : words.empty}>
          {daily.data.before.calls > 0 ? words.emptyRangeText : words.emptyText}
        </EmptyState>
      </Card>
    );
  return (
    <div className={classes.stack}>
      <div className={classes.tiles}>
        <Total report={daily.data} />
        <Forecast of={forecast.data} />
        <Unusual days={anomalies.data} />
      </div>
      <Card
        title={words.byDay}
        description={words.byDayText}
        actions={
          <Choice label={words.stackedBy} value={split} options={splits} onChange={(value) => void navigate({ to: "/costs", search: (s) => ({ ...s, split: value }), replace: true })} />
        }
      >
        <DayChart stack={stack(daily.data.rows, daily.data.from, daily.data.to, colours)} name={(key) => names(split, key)} />
      </Card>
      <ByTable
        report={table.data}
        by={by}
        days={days}
        choice={<Choice label={words.by} value={by} options={tables} onChange={(value) => void navigate({ to: "/costs", search: (s) => ({ ...s, by: value }), replace: true })} />}
      />
      <Tiers report={tiers.data} />
      <Savings baselines={savings.data.baselines} />
    </div>
  );
}

function Choice<T extends string>({ label, value, options, onChange }: { label: string; value: T; options: readonly T[]; onChange: (value: T) => void }) {
  return (
    <label className={classes.choice}>
      <span>{label}</span>
      <select value={value} onChange={(e) => onChange(e.currentTarget.value as T)}>
        {options.map((o) => (
          <option key={o} value={o}>
            {words.dimensions[o]}
          </option>
        ))}
      </select>
    </label>
  );
}

function Total({ report: { total, before } }: { report: CostReport }) {
  return (
    <Card title={words.total}>
      <p className={classes.amount}>
        {money(total.cost)}
        {before.cost > 0 && <span className={classes.change}>{words.change(total.cost / before.cost - 1)}</span>}
      </p>
      <p className={classes.text}>
        {words.callsOf(total.calls)} · {before.calls > 0 ? words.before(money(before.cost)) : words.nothingBefore}
      </p>
      {total.unsettledCalls > 0 && <p className={classes.text}>{words.unsettled(total.unsettledCalls, money(total.unsettledCost))}</p>}
    </Card>
  );
}
