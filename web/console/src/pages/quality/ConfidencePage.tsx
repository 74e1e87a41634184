import { Button } from "@mantine/core";
import { Card, confirm, EmptyState, ErrorState, ListSkeleton, Page, PageHeader, Segmented, toasts } from "@parley/ui";
import { IconChartDots, IconRefresh } from "@parley/ui/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { confidence, confidenceQueries, type CalibrationView, type Confidence, type ThresholdOutcome } from "@/api/confidence";
import { explain, Problem } from "@/api/problem";
import { golden } from "@/api/quality";
import { queries } from "@/api/queries";
import { ButtonLink } from "@/app/links";
import { useCan } from "@/app/session";
import { Needs } from "@/pages/settings/SettingsPage";
import { t } from "@/strings";
import { ct } from "@/strings/confidence";
import { qt } from "@/strings/quality";
import classes from "./Confidence.module.css";
import { QualityTabs } from "./QualityTabs.tsx";
import { Reliability } from "./Reliability.tsx";

const words = ct.confidence;

/** What the confidence is worth in this knowledge, and what each limit would bring. */
export function ConfidencePage() {
  const report = useQuery(confidenceQueries.report);
  return (
    <Needs permission="quality:read">
      <Page>
        <PageHeader title={qt.quality.title} description={words.description} />
        <QualityTabs active="confidence" />
        {report.isPending ? (
          <ListSkeleton rows={3} height={180} gap={16} />
        ) : report.isError ? (
          <Card>
            <ErrorState detail={explain(report.error)} onRetry={() => void report.refetch()} />
          </Card>
        ) : (
          <Report report={report.data} />
        )}
      </Page>
    </Needs>
  );
}

function Report({ report: r }: { report: Confidence }) {
  const all = r.golden + r.judged;
  return (
    <div className={classes.stack}>
      <Judged report={r} />
      {(r.proposal !== null || !isShipped(r.inForce)) && <Proposal report={r} />}
      {all > 0 && (
        <>
          <Card>
            <h2 className={classes.title}>{words.reliability}</h2>
            <p className={classes.text}>{words.reliabilityText}</p>
            <Reliability inForce={r.inForce} proposal={r.proposal} />
          </Card>
          {r.golden > 0 && <Limits report={r} />}
        </>
      )}
    </div>
  );
}

function Judged({ report: r }: { report: Confidence }) {
  const may = useCan()("quality:write");
  const all = r.golden + r.judged;
  const measure = useMeasure();
  const button = may && (
    <Button variant={all === 0 ? "filled" : "default"} leftSection={<IconRefresh size={16} />} loading={measure.isPending} onClick={() => measure.mutate()}>
      {words.measure}
    </Button>
  );
  const progress = measure.isPending && (
    <p className={classes.text} role="status">
      {words.measuring}
    </p>
  );
  if (all === 0)
    return (
      <Card>
        <EmptyState
          icon={IconChartDots}
          title={words.none}
          action={
            <div className={classes.actions}>
              {button}
              <ButtonLink variant="default" to="/quality">
                {words.addGolden}
              </ButtonLink>
            </div>
          }
        >
          {words.noneText}
        </EmptyState>
        {progress}
      </Card>
    );
  return (
    <Card>
      <div className={classes.head}>
        <div>
          <h2 className={classes.title}>{words.judged}</h2>
          <p className={classes.text}>{words.judgedText(r.golden, r.judged)}</p>
        </div>
        {button}
      </div>
      {progress}
      <dl className={classes.facts}>
        <Fact name={words.golden} value={t.number(r.golden)} />
        <Fact name={words.answers} value={t.number(r.judged)} />
        <Fact name={words.right} value={words.rightOf(r.right, all)} />
      </dl>
      {!r.proposal && isShipped(r.inForce) && <p className={classes.text}>{words.tooFew(all, r.needed)}</p>}
    </Card>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** Asks the golden questions of the version in force: a comparison with itself. */
function useMeasure() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const assistant = await client.fetchQuery(queries.assistant);
      let run = await golden.start({ candidateVersion: assistant?.publishedVersion ?? 0 });
      while (run.state === "queued" || run.state === "running") {
        await new Promise((resolve) => setTimeout(resolve, 700));
        run = await golden.run(run.id);
      }
      if (run.state !== "done") throw new Error(run.error ?? words.measureFailed);
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: confidenceQueries.report.queryKey });
      toasts.success(words.measured);
    },
    onError: (e) => toasts.error(e instanceof Problem ? explain(e) : e.message),
  });
}

const outcome = (o: ThresholdOutcome) => words.outcome(o.right, o.wrong, o.missed);

const isShipped = ({ curve }: CalibrationView) => curve.intercept === 0 && curve.slope === 1;

/** What publishing would change; and the way back, also where nothing can be fitted any more. */
function Proposal({ report: r }: { report: Confidence }) {
  const { proposal, then } = r;
  const may = useCan()("assistant:write");
  const client = useQueryClient();
  const publish = useMutation({
    mutationFn: (what: { evidence?: string; version?: number }) => confidence.publish(what),
    onSuccess: (next, what) => {
      client.setQueryData(confidenceQueries.report.queryKey, next);
      toasts.success(what.version === 0 ? words.backDone : words.published);
    },
    onError: (e) => {
      toasts.error(explain(e));
      // Somebody judged meanwhile: look again.
      if (e instanceof Problem && e.status === 409) void client.invalidateQueries({ queryKey: confidenceQueries.report.queryKey });
    },
  });
  const ask = async () => {
    if (then && (await confirm({ title: words.publishTitle, body: words.publishBody(outcome(r.now), outcome(then)), confirm: words.publish }))) publish.mutate({ evidence: r.evidence });
  };
  const back = async () => {
    if (await confirm({ title: words.backTitle, body: words.backBody, confirm: words.back })) publish.mutate({ version: 0 });
  };
  const curve = r.inForce.curve;
  const fits = proposal !== null && (curve.intercept !== proposal.curve.intercept || curve.slope !== proposal.curve.slope);
  return (
    <Card>
      <h2 className={classes.title}>{words.fitted}</h2>
      {then ? (
        <>
          <p className={classes.text}>{words.publishText(r.threshold)}</p>
          <dl className={classes.facts}>
            <Fact name={words.before} value={outcome(r.now)} />
            <Fact name={words.after} value={outcome(then)} />
          </dl>
        </>
      ) : (
        <p className={classes.text}>{words.tooFew(r.golden + r.judged, r.needed)}</p>
      )}
      {may && (
        <div className={classes.actions}>
          {fits && (
            <Button loading={publish.isPending} onClick={() => void ask()}>
              {words.publish}
            </Button>
          )}
          {!isShipped(r.inForce) && (
            <Button variant="default" disabled={publish.isPending} onClick={() => void back()}>
              {words.back}
            </Button>
          )}
        </div>
      )}
    </Card>
  );
}

function Limits({ report: r }: { report: Confidence }) {
  const [fitted, setFitted] = useState(false);
  const view = fitted && r.proposal ? r.proposal : r.inForce;
  const rows = view.thresholds.filter((x) => x.threshold > 0 && x.threshold < 1);
  // The row at the assistant's limit, or the next one below it.
  const current = rows.findLast((x) => x.threshold <= r.threshold + 1e-9);
  return (
    <Card>
      <div className={classes.head}>
        <div>
          <h2 className={classes.title}>{words.limits}</h2>
          <p className={classes.text}>{words.limitsText}</p>
        </div>
        {r.proposal && (
          <Segmented
            aria-label={words.curve}
            value={fitted ? "fitted" : "force"}
            onChange={(value) => setFitted(value === "fitted")}
            data={[
              { value: "force", label: words.inForce },
              { value: "fitted", label: words.fitted },
            ]}
          />
        )}
      </div>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={words.limits}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{words.limit}</th>
              <td className={classes.barColumn} />
              <th scope="col">{words.answeredRight}</th>
              <th scope="col">{words.answeredWrong}</th>
              <th scope="col">{words.missed}</th>
              <th scope="col">{words.declined}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((x) => (
              <tr key={x.threshold} data-current={x === current || undefined} aria-current={x === current || undefined}>
                <th scope="row">
                  {words.percent(x.threshold)}
                  {x === current && <span className={classes.now}>{words.now}</span>}
                </th>
                <td className={classes.barColumn}>
                  <Bar of={x} />
                </td>
                <td>{t.number(x.right)}</td>
                <td>{t.number(x.wrong)}</td>
                <td>{t.number(x.missed)}</td>
                <td>{t.number(x.declined)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={classes.text}>{words.missedHint}</p>
    </Card>
  );
}

function Bar({ of: o }: { of: ThresholdOutcome }) {
  return (
    <span className={classes.bar} role="img" aria-label={words.bar(o.right, o.wrong, o.missed, o.declined)}>
      {(["right", "wrong", "missed", "declined"] as const).map((k) => o[k] > 0 && <i key={k} data-kind={k} style={{ flexGrow: o[k] }} />)}
    </span>
  );
}
