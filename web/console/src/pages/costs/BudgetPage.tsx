import { Card, ErrorState, ListSkeleton, Meter, Page, PageHeader, RelativeTime, type Tone } from "@parley/ui";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { costQueries, type BudgetAlert, type BudgetState } from "@/api/costs";
import { explain } from "@/api/problem";
import { label } from "@/lib/labels";
import { Needs } from "@/pages/settings/SettingsPage";
import { money, mt } from "@/strings/costs";
import { BudgetForm } from "./BudgetForm.tsx";
import { BudgetVersions } from "./BudgetVersions.tsx";
import { CostTabs } from "./CostTabs.tsx";
import classes from "./Costs.module.css";

const words = mt.costs;
const shownAlerts = 8;

/** The limits, how near they are, and what happens there. */
export function BudgetPage() {
  return (
    <Needs permission="costs:read">
      <Page>
        <PageHeader title={words.title} description={words.budgetDescription} />
        <CostTabs active="budget" />
        <Content />
      </Page>
    </Needs>
  );
}

function Content() {
  const budget = useQuery(costQueries.budget);
  const alerts = useQuery(costQueries.alerts);
  const versions = useQuery(costQueries.versions);
  const all = [budget, alerts, versions];
  const failed = all.find((q) => q.isError && !q.data);
  if (failed)
    return (
      <Card>
        <ErrorState detail={explain(failed.error)} onRetry={() => all.forEach((q) => q.isError && void q.refetch())} />
      </Card>
    );
  if (!budget.data || !alerts.data || !versions.data) return <ListSkeleton rows={3} height={200} gap={16} />;
  const b = budget.data;
  return (
    <div className={classes.columnsTwo}>
      <div className={classes.stack}>
        <Card title={words.now}>
          <ul className={classes.scopes}>
            {b.scopes.map((s) => (
              <li key={s.kind}>
                <Scope of={s} />
              </li>
            ))}
          </ul>
        </Card>
        {/* Another version in force is another form. */}
        <BudgetForm key={b.version} budget={b} />
        <BudgetVersions versions={versions.data} inForce={b.version} />
      </div>
      <div className={classes.stack}>
        <Card title={words.ladder}>
          <ol className={classes.ladder}>
            {Object.values(words.ladderSteps).map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </Card>
        <Alerts alerts={alerts.data} />
        <Dearest title={words.dearestConversations} text={words.dearestConversationsText} states={b.conversations} />
        <Dearest title={words.dearestCustomers} states={b.customers} />
      </div>
    </div>
  );
}

const toneOf = (percent: number): Tone => (percent >= 100 ? "danger" : percent >= 70 ? "warning" : "accent");

function Scope({ of: s }: { of: BudgetState }) {
  const used = money(s.settled + s.held);
  const name =
    s.kind === "conversation" && s.subjectId ? (
      <Link to="/costs/calls" search={{ conversation: s.subjectId }}>
        {s.subjectId.slice(-12)}
      </Link>
    ) : s.kind === "end_user" ? (
      (s.subjectId ?? "").slice(-12)
    ) : (
      label(words.scopes, s.kind)
    );
  return (
    <div className={classes.scope}>
      <div className={classes.between}>
        <strong>{name}</strong>
        <span>{s.limit === null ? words.noLimit(used) : words.used(used, money(s.limit))}</span>
      </div>
      {s.limit !== null && <Meter value={s.percent ?? 0} max={100} tone={toneOf(s.percent ?? 0)} label={words.reached(words.percent((s.percent ?? 0) / 100))} size="sm" />}
      {(s.subjectId === null || s.held > 0) && (
        <div className={classes.between}>
          <span className={classes.text}>{s.held > 0 && words.held(money(s.held))}</span>
          {s.limit !== null && s.subjectId === null && <span className={classes.text}>{s.hard ? words.hard : words.soft}</span>}
        </div>
      )}
    </div>
  );
}

function Dearest({ title, text, states }: { title: string; text?: string; states: readonly BudgetState[] }) {
  return (
    <Card title={title} description={text}>
      {states.length === 0 ? (
        <p className={classes.text}>{words.noScopes}</p>
      ) : (
        <ul className={classes.scopes}>
          {states.map((s) => (
            <li key={s.subjectId}>
              <Scope of={s} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Alerts({ alerts }: { alerts: readonly BudgetAlert[] }) {
  return (
    <Card title={words.alerts}>
      {alerts.length === 0 ? (
        <p className={classes.text}>{words.noAlerts}</p>
      ) : (
        <ul className={classes.list}>
          {alerts.slice(0, shownAlerts).map((a) => (
            <li key={`${a.kind} ${a.period} ${a.step}`}>
              <span className={classes.between}>
                <strong>{words.alert(`${label(words.alertPeriods, a.kind)} ${a.kind === "tenant_month" ? words.month(a.period) : words.day(a.period)}`, a.step)}</strong>
                <span className={classes.text}>
                  <RelativeTime short at={a.at} />
                </span>
              </span>
              <span className={classes.text}>{words.alertText(money(a.spent), money(a.budget))}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
