import { Button } from "@mantine/core";
import { Dialog, ErrorState, FormButtons, ListSkeleton, Pill, RelativeTime, toasts, VersionList } from "@parley/ui";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { modelQueries, models, type ModelAccount, type ModelSettings } from "@/api/models";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import { useCan } from "@/app/session";
import { label } from "@/lib/labels";
import { mo } from "@/strings/models";
import classes from "./Models.module.css";

const words = mo.models.versions;
type Props = { opened: boolean; onClose: () => void; inForce: number; accounts: ModelAccount[]; may: boolean; onPublished: (settings: ModelSettings) => void };

/** What was in force before, and the way back to it. */
export function VersionsDialog({ opened, onClose, inForce, accounts, may, onPublished }: Props) {
  const client = useQueryClient();
  const can = useCan();
  const list = useQuery(modelQueries.versions);
  const members = useQuery({ ...queries.members, enabled: can("members:read") });
  const [chosen, setChosen] = useState<number | null>(null);
  const names = new Map(members.data?.items.map((m) => [m.userId, m.name]));
  const items = [...(list.data ?? []), { version: 0, note: null, createdBy: null, createdAt: null }];
  const shown = chosen ?? inForce;
  const version = useQuery({ ...modelQueries.version(shown), enabled: shown > 0 });
  const publish = useMutation({
    mutationFn: () => models.publish(shown),
    onSuccess: (detail) => {
      client.setQueryData(modelQueries.settings.queryKey, detail);
      void client.invalidateQueries({ queryKey: ["models"] });
      toasts.success(words.published);
      onPublished(detail.settings);
      onClose();
    },
    onError: (e) => toasts.error(explain(e)),
  });
  return (
    <Dialog side opened={opened} onClose={onClose} title={words.title}>
      {list.isPending ? (
        <ListSkeleton rows={4} />
      ) : list.isError ? (
        <ErrorState compact detail={explain(list.error)} onRetry={() => void list.refetch()} />
      ) : (
        <VersionList
          items={items.map((v) => ({
            version: v.version,
            name: [words.name(v.version), v.note].filter(Boolean).join(": "),
            note: (
              <span className={classes.tested}>
                {v.createdBy && names.has(v.createdBy) && <span>{words.by(names.get(v.createdBy) ?? "")}</span>}
                {v.createdAt && <RelativeTime short at={v.createdAt} />}
                {v.version === inForce && <Pill tone="success">{words.inForce}</Pill>}
              </span>
            ),
          }))}
          chosen={shown}
          onChoose={setChosen}
        >
          <section className={classes.version}>
            {shown === 0 ? <p>{words.nobody}</p> : version.data ? <Summary settings={version.data.settings} accounts={accounts} /> : version.isError ? <ErrorState compact detail={explain(version.error)} /> : <ListSkeleton rows={2} />}
            {may && shown !== inForce && (
              <FormButtons>
                <Button loading={publish.isPending} onClick={() => publish.mutate()}>
                  {words.publish}
                </Button>
              </FormButtons>
            )}
          </section>
        </VersionList>
      )}
    </Dialog>
  );
}

function Summary({ settings: s, accounts }: { settings: ModelSettings; accounts: ModelAccount[] }) {
  return (
    <>
      {s.choices.length === 0 ? (
        <p>{words.nobody}</p>
      ) : (
        <ul className={classes.warnings}>
          {s.choices.map((c) => (
            <li key={`${c.feature} ${c.tier} ${c.accountId} ${c.model}`}>
              {[label(mo.models.choices.features, c.feature), c.feature === "answer" && label(mo.models.choices.tiers, c.tier)].filter(Boolean).join(", ")}
              {": "}
              {c.model} <span className={classes.muted}>{mo.models.choices.through(accounts.find((a) => a.id === c.accountId)?.name ?? mo.models.choices.gone)}</span>
            </li>
          ))}
        </ul>
      )}
      <p className={classes.muted}>{mo.models.how.strategies[s.strategy]}</p>
      <p className={classes.muted}>{words.customers(s.forCustomers)}</p>
    </>
  );
}
