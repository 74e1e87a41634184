import { Button } from "@mantine/core";
import { Card, confirm, Pill, RelativeTime, toasts } from "@parley/ui";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { costQueries, costs, type BudgetSettings, type BudgetVersion } from "@/api/costs";
import { explain } from "@/api/problem";
import { useCan } from "@/app/session";
import { money, mt } from "@/strings/costs";
import classes from "./Costs.module.css";

const words = mt.costs;
const shownVersions = 10;
const fields = ["month", "day", "conversation", "endUser", "anonymous"] as const;

const said = (s: BudgetSettings) => fields.map((f) => `${words.fields[f]} ${s[f] === null ? "–" : money(s[f])}`).join(" · ");

/** What was in force before, and the way back. */
export function BudgetVersions({ versions, inForce }: { versions: readonly BudgetVersion[]; inForce: number }) {
  const may = useCan()("costs:write");
  const client = useQueryClient();
  const publish = useMutation({
    mutationFn: (version: number) => costs.publish(version),
    onSuccess: (budget) => {
      client.setQueryData(costQueries.budget.queryKey, budget);
      void client.invalidateQueries({ queryKey: costQueries.versions.queryKey });
      toasts.success(words.saved2);
    },
    onError: (e) => toasts.error(explain(e)),
  });
  const back = async (version: number) => {
    if (await confirm({ title: words.backTitle(words.version(version)), body: words.backBody, confirm: words.back })) publish.mutate(version);
  };
  if (versions.length === 0) return null;
  const items: (Pick<BudgetVersion, "version"> & Partial<BudgetVersion>)[] = [...versions.slice(0, shownVersions), { version: 0 }];
  return (
    <Card title={words.versions}>
      <ul className={classes.list}>
        {items.map((v) => (
          <li key={v.version}>
            <span className={classes.between}>
              <span className={classes.titled}>
                <strong>{words.version(v.version)}</strong>
                {v.version === inForce && <Pill tone="success">{words.inForce}</Pill>}
                {v.createdAt && (
                  <span className={classes.text}>
                    <RelativeTime short at={v.createdAt} />
                  </span>
                )}
              </span>
              {may && v.version !== inForce && (
                <Button variant="subtle" size="compact-sm" disabled={publish.isPending} onClick={() => void back(v.version)}>
                  {words.back}
                </Button>
              )}
            </span>
            {v.settings && <span className={classes.text}>{said(v.settings)}</span>}
            {v.note && <span className={classes.text}>{v.note}</span>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
