import { Card } from "@parley/ui";
import type { CostForecast } from "@/api/costs";
import { money, mt } from "@/strings/costs";
import classes from "./Costs.module.css";

const words = mt.costs;

/** Where the month is going. */
export function Forecast({ of: f }: { of: CostForecast }) {
  return (
    <Card title={words.forecast}>
      <p className={classes.amount}>{money(f.estimate ?? f.soFar)}</p>
      {f.estimate === null || f.low === null || f.high === null ? (
        <p className={classes.text}>
          {words.soFar(words.month(f.month))}. {words.tooFewDays(f.days, f.needed)}
        </p>
      ) : (
        <>
          <p className={classes.text}>
            {words.forecastOf(words.month(f.month))}, {words.interval(money(f.low), money(f.high))}; {words.soFar(money(f.soFar))}
          </p>
          <details className={classes.details}>
            <summary>{words.formula}</summary>
            <p className={classes.text}>{f.formula}</p>
          </details>
        </>
      )}
    </Card>
  );
}
