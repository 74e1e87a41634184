import { Card } from "@parley/ui";
import type { CostBaseline } from "@/api/costs";
import { label } from "@/lib/labels";
import { money, mt } from "@/strings/costs";
import classes from "./Costs.module.css";

const words = mt.costs;

/** What was saved against each baseline, and what of the calls that rests on. */
export function Savings({ baselines }: { baselines: readonly CostBaseline[] }) {
  return (
    <Card title={words.savings} description={words.savingsText}>
      <div className={classes.baselines}>
        {baselines.map((b) => (
          <Baseline key={b.name} of={b} />
        ))}
      </div>
    </Card>
  );
}

function Baseline({ of: b }: { of: CostBaseline }) {
  const left = [words.counted(b.calls), b.excludedUnsettled > 0 && words.excludedUnsettled(b.excludedUnsettled), b.excludedUnpriced > 0 && words.excludedUnpriced(b.excludedUnpriced)];
  return (
    <section className={classes.baseline}>
      <h3>{label(words.baselines, b.name)}</h3>
      {b.missing !== null || b.paid === null || b.baseline === null || b.saved === null ? (
        <p className={classes.text}>{b.missing}</p>
      ) : (
        <>
          <p className={classes.amount}>
            {money(b.saved)}
            {b.savedShare !== null && <span className={classes.change}>{words.percent(b.savedShare)}</span>}
          </p>
          <dl className={classes.facts}>
            <dt>{words.wouldBe}</dt>
            <dd>{money(b.baseline)}</dd>
            <dt>{words.paid}</dt>
            <dd>{money(b.paid)}</dd>
            <dt>{words.saved}</dt>
            <dd>{money(b.saved)}</dd>
          </dl>
          <p className={classes.text}>{left.filter(Boolean).join(", ")}</p>
        </>
      )}
      <details className={classes.details}>
        <summary>{words.formula}</summary>
        <p className={classes.text}>{b.formula}</p>
      </details>
    </section>
  );
}
