import { Card, Meter } from "@parley/ui";
import type { CostReport } from "@/api/costs";
import { mt } from "@/strings/costs";
import classes from "./Costs.module.css";

const words = mt.costs;
const order = ["small", "medium", "large"];

/** How calls, tokens and costs are spread over the tiers. */
export function Tiers({ report }: { report: CostReport }) {
  const rows = report.rows.filter((r) => r.key !== null).toSorted((a, b) => order.indexOf(a.key ?? "") - order.indexOf(b.key ?? ""));
  const tokens = (r: (typeof rows)[number]) => r.inputTokens + r.outputTokens + r.cachedTokens + r.cacheWriteTokens;
  const sum = (of: (r: (typeof rows)[number]) => number) => rows.reduce((total, r) => total + of(r), 0) || 1;
  const all = { calls: sum((r) => r.calls), tokens: sum(tokens), cost: sum((r) => r.cost) };
  return (
    <Card title={words.tiersTitle} description={words.tiersText}>
      {rows.length === 0 ? (
        <p className={classes.text}>{words.noTiers}</p>
      ) : (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{words.dimensions.tier}</th>
              <th scope="col">{words.columns.calls}</th>
              <th scope="col">{words.tokensHeader}</th>
              <th scope="col">{words.columns.cost}</th>
              <td className={classes.barColumn} />
            </tr>
          </thead>
          <tbody>
            {rows.map((r) => {
              const name = words.tiers[r.key ?? ""] ?? r.key ?? "";
              const [calls, cost] = [words.percent(r.calls / all.calls), words.percent(r.cost / all.cost)];
              return (
                <tr key={r.key}>
                  <th scope="row">{name}</th>
                  <td>{calls}</td>
                  <td>{words.percent(tokens(r) / all.tokens)}</td>
                  <td>{cost}</td>
                  <td className={classes.barColumn}>
                    <Meter size="sm" value={r.cost / all.cost} mark={r.calls / all.calls} label={words.tierBar(name, calls, cost)} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Card>
  );
}
