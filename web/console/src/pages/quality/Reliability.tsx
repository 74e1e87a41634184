import type { CalibrationView } from "@/api/confidence";
import { t } from "@/strings";
import { ct } from "@/strings/confidence";
import classes from "./Confidence.module.css";

const words = ct.confidence;
const size = 240;
const at = (share: number) => share * size;

type Props = { inForce: CalibrationView; proposal: CalibrationView | null };

/** What was promised across, what came true upwards; each point is an equal part of the questions. The numbers stand beside it as tables. */
export function Reliability({ inForce, proposal }: Props) {
  const curves = [
    { kind: "force", name: `${words.inForce} (${inForce.version === 0 ? words.shipped : words.version(inForce.version ?? 0)})`, view: inForce },
    ...(proposal ? [{ kind: "fitted", name: words.fitted, view: proposal }] : []),
  ];
  return (
    <div className={classes.reliability}>
      <figure className={classes.figure}>
        <svg viewBox={`-38 -8 ${size + 60} ${size + 30}`} role="img" aria-label={words.chart}>
          {[0, 0.25, 0.5, 0.75, 1].map((x) => (
            <g key={x} className={classes.grid}>
              <line x1={at(x)} x2={at(x)} y1={0} y2={size} />
              <line x1={0} x2={size} y1={at(x)} y2={at(x)} />
              <text x={at(x)} y={size + 16} textAnchor="middle">
                {words.percent(x)}
              </text>
              <text x={-6} y={size - at(x) + 4} textAnchor="end">
                {words.percent(x)}
              </text>
            </g>
          ))}
          <line className={classes.honest} x1={0} y1={size} x2={size} y2={0} />
          {curves.map(({ kind, view }) => (
            <g key={kind} className={classes.curve} data-kind={kind}>
              <polyline points={view.bins.map((b) => `${at(b.stated)},${size - at(b.observed)}`).join(" ")} />
              {view.bins.map((b, i) => (
                <circle key={i} cx={at(b.stated)} cy={size - at(b.observed)} r={4} />
              ))}
            </g>
          ))}
        </svg>
      </figure>
      <div className={classes.curves}>
        {curves.map(({ kind, name, view }) => (
          <details key={kind}>
            <summary>
              <i className={classes.key} data-kind={kind} aria-hidden />
              <span>
                <strong>{name}</strong>
                <span className={classes.text}>{words.error(view.error, view.errorLow, view.errorHigh)}</span>
                <span className={classes.numbers}>{words.numbers}</span>
              </span>
            </summary>
            <table className={classes.table}>
              <thead>
                <tr>
                  <th scope="col">{words.promised}</th>
                  <th scope="col">{words.observed}</th>
                  <th scope="col">{words.asked}</th>
                </tr>
              </thead>
              <tbody>
                {view.bins.map((b, i) => (
                  <tr key={i}>
                    <th scope="row">{words.percent(b.stated)}</th>
                    <td>{words.percent(b.observed)}</td>
                    <td>{t.number(b.questions)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </details>
        ))}
      </div>
    </div>
  );
}
