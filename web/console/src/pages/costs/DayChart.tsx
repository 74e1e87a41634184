import { Link } from "@tanstack/react-router";
import { money, mt } from "@/strings/costs";
import classes from "./Costs.module.css";
import type { Stack } from "./costDays.ts";

const words = mt.costs;

/** Days from left to right, what each consists of upwards. The numbers stand below it as a table, with a way to each day's calls. */
export function DayChart({ stack, name }: { stack: Stack; name: (key: string | null | undefined) => string }) {
  const { days, parts, most } = stack;
  const first = days[0]?.day ?? "";
  const last = days.at(-1)?.day ?? "";
  return (
    <div>
      <figure className={classes.chart}>
        <div className={classes.axis} aria-hidden>
          <span>{money(most)}</span>
          <span>{money(most / 2)}</span>
          <span>{money(0)}</span>
        </div>
        <div className={classes.columns} role="img" aria-label={words.chart(words.day(first), words.day(last), money(most))}>
          {days.map((d) => (
            <span key={d.day} className={classes.column} title={`${words.day(d.day)}: ${money(d.cost)}`}>
              {d.parts.map((cost, i) => cost > 0 && <i key={i} data-part={i} style={{ blockSize: `${(cost / (most || 1)) * 100}%` }} />)}
            </span>
          ))}
        </div>
        <div className={classes.ends} aria-hidden>
          <span>{words.day(first)}</span>
          <span>{words.day(last)}</span>
        </div>
      </figure>
      <ul className={classes.legend}>
        {parts.map((p, i) => (
          <li key={i}>
            <i className={classes.key} data-part={i} aria-hidden />
            {name(p.key)} <span className={classes.muted}>{money(p.cost)}</span>
          </li>
        ))}
      </ul>
      <details className={classes.details}>
        <summary>{words.numbers}</summary>
        <div className={classes.scroll} tabIndex={0} role="region" aria-label={words.numbers}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{words.dayHeader}</th>
                {parts.map((p, i) => (
                  <th key={i} scope="col">
                    {name(p.key)}
                  </th>
                ))}
                <th scope="col">{words.total}</th>
              </tr>
            </thead>
            <tbody>
              {days
                .filter((d) => d.cost > 0)
                .map((d) => (
                  <tr key={d.day}>
                    <th scope="row">
                      <Link to="/costs/calls" search={{ from: d.day, to: d.day }}>
                        {words.day(d.day)}
                      </Link>
                    </th>
                    {d.parts.map((cost, i) => (
                      <td key={i}>{cost > 0 ? money(cost) : "–"}</td>
                    ))}
                    <td>{money(d.cost)}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  );
}
