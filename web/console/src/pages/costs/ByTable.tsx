import { Button } from "@mantine/core";
import { DataTable, EmptyState, Meter, RowName, type Column } from "@parley/ui";
import { IconCoin, IconDownload } from "@parley/ui/icons";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { CostReport, CostRow, Dimension } from "@/api/costs";
import { t } from "@/strings";
import { exact, money, mt } from "@/strings/costs";
import classes from "./Costs.module.css";
import { download, rowsCsv } from "./exportCsv.ts";
import { useNames, type NameOf } from "./names.ts";

const words = mt.costs;
type Days = { from: string; to: string };

const callsOf = (by: Dimension, r: CostRow, days: Days) => ({ ...days, [by]: r.key ?? "none", ...(r.provider && { provider: r.provider }) });

/** The costs by one thing; each row leads to its calls. */
export function ByTable({ report, by, days, choice }: { report: CostReport; by: Dimension; days: Days; choice: ReactNode }) {
  const names = useNames();
  const navigate = useNavigate();
  return (
    <section className={classes.part}>
      <div className={classes.head}>
        {choice}
        <Button variant="default" leftSection={<IconDownload size={16} />} onClick={() => download(`costs-by-${by}-${days.from}-${days.to}.csv`, rowsCsv(report))}>
          {words.export}
        </Button>
      </div>
      <DataTable
        label={words.dimensions[by] ?? by}
        columns={columnsOf(by, report, days, names)}
        name={`costs-by-${by}`}
        rows={report.rows}
        exported={false}
        rowId={(r) => `${r.provider ?? ""} ${r.key ?? ""}`}
        onOpen={(r) => void navigate({ to: "/costs/calls", search: callsOf(by, r, days) })}
        empty={
          <EmptyState icon={IconCoin} title={words.emptyRange}>
            {words.emptyRangeText}
          </EmptyState>
        }
      />
      {report.rest.calls > 0 && (
        <p className={classes.text}>
          {words.rest}: {words.callsOf(report.rest.calls)}, {money(report.rest.cost)}
        </p>
      )}
    </section>
  );
}

function columnsOf(by: Dimension, report: CostReport, days: Days, names: NameOf): Column<CostRow>[] {
  const share = (r: CostRow) => (report.total.cost > 0 ? r.cost / report.total.cost : 0);
  return [
    {
      id: "name",
      header: words.dimensions[by] ?? by,
      main: true,
      sort: (r) => names(by, r.key, r.label),
      cell: (r) => (
        <RowName sub={r.provider ? names("provider", r.provider) : undefined}>
          <Link to="/costs/calls" search={callsOf(by, r, days)}>
            {names(by, r.key, r.label)}
          </Link>
        </RowName>
      ),
    },
    { id: "calls", header: words.columns.calls, align: "end", labelled: true, sort: (r) => r.calls, cell: (r) => t.number(r.calls) },
    {
      id: "tokens",
      header: words.columns.tokens,
      align: "end",
      labelled: true,
      cell: (r) => `${words.tokens(r.inputTokens + r.cachedTokens + r.cacheWriteTokens)} / ${words.tokens(r.outputTokens)}`,
    },
    {
      id: "cached",
      header: words.columns.cached,
      align: "end",
      labelled: true,
      cell: (r) => (r.cachedTokens > 0 ? words.percent(r.cachedTokens / (r.inputTokens + r.cachedTokens + r.cacheWriteTokens)) : "–"),
    },
    { id: "cost", header: words.columns.cost, align: "end", labelled: true, sort: (r) => r.cost, cell: (r) => <span title={exact(r.cost)}>{money(r.cost)}</span> },
    { id: "share", header: words.columns.share, width: "9rem", desktopOnly: true, cell: (r) => <Meter size="sm" value={share(r)} label={words.shareOf(words.percent(share(r)))} /> },
  ];
}
