import { Card } from "@parley/ui";
import type { AskResult } from "@/api/types";
import { label } from "@/lib/labels";
import { DiffView } from "@/pages/knowledge/DiffView";
import { t } from "@/strings";
import { at } from "@/strings/assistant";
import { qt } from "@/strings/quality";
import { AnswerView } from "./AnswerView.tsx";
import { differences } from "./differences.ts";
import classes from "./Playground.module.css";

const words = at.assistant.pair;
const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });
const sure = (n: number | null) => (n === null ? words.none : percent.format(n));

type Props = { question: string; before: AskResult; after: AskResult; inForce: number; version: number };

/** One question under the version in force and under another one, with what is not the same. */
export function AnswerPair({ question, before, after, inForce, version }: Props) {
  const d = differences(before, after);
  return (
    <div className={classes.stack}>
      <Card title={words.differences}>
        {d.same ? (
          <p className={classes.muted}>{words.same}</p>
        ) : (
          <dl className={classes.differences}>
            {d.outcome && <Change name={words.outcome} before={label(t.conversation.outcome, before.outcome)} after={label(t.conversation.outcome, after.outcome)} />}
            {d.confidence && <Change name={words.confidence} before={sure(before.confidence)} after={sure(after.confidence)} />}
            {d.threshold && <Change name={words.threshold} before={sure(before.threshold)} after={sure(after.threshold)} />}
            {d.lost.length + d.gained.length > 0 && <Change name={words.sources} before={d.lost.join(", ") || words.none} after={d.gained.join(", ") || words.none} />}
            {d.text && (
              <div>
                <dt>{words.text}</dt>
                <dd>
                  <DiffView before={before.answer} after={after.answer} />
                </dd>
              </div>
            )}
          </dl>
        )}
      </Card>
      <div className={classes.columns}>
        <section className={classes.stack} aria-label={words.inForce(qt.quality.version(inForce))}>
          <h2 className={classes.side}>{words.inForce(qt.quality.version(inForce))}</h2>
          <AnswerView question={question} result={before} />
        </section>
        <section className={classes.stack} aria-label={qt.quality.version(version)}>
          <h2 className={classes.side}>{qt.quality.version(version)}</h2>
          <AnswerView question={question} result={after} />
        </section>
      </div>
    </div>
  );
}

function Change({ name, before, after }: { name: string; before: string; after: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <del>{before}</del> <span aria-hidden>{"→"}</span> <ins>{after}</ins>
      </dd>
    </div>
  );
}
