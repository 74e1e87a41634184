import { Card, Pill } from "@parley/ui";
import { Link } from "@tanstack/react-router";
import type { CostAnomaly } from "@/api/costs";
import { t } from "@/strings";
import { money, mt } from "@/strings/costs";
import classes from "./Costs.module.css";

const words = mt.costs;
const shown = 3;

/** Days that cost much more than days of their kind. */
export function Unusual({ days }: { days: readonly CostAnomaly[] }) {
  return (
    <Card
      title={
        <span className={classes.titled}>
          {words.unusual} {days.length > 0 && <Pill tone="warning">{t.number(days.length)}</Pill>}
        </span>
      }
    >
      {days.length === 0 ? (
        <p className={classes.text}>{words.noUnusual}</p>
      ) : (
        <ul className={classes.list}>
          {days.slice(0, shown).map((d) => (
            <li key={d.day}>
              <Link to="/costs/calls" search={{ from: d.day, to: d.day }}>
                {words.day(d.day)}: {money(d.cost)}
              </Link>
              <span className={classes.text}>{words.unusualText(money(d.usual), money(d.threshold))}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
