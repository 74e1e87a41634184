import { Button } from "@mantine/core";
import { confirm, Dialog, ErrorState, FormButtons, FormMessage, FormStack, Hint, ListSkeleton, toasts } from "@parley/ui";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { explain } from "@/api/problem";
import { golden, isGoing, qualityQueries, versions, type GoldenRun } from "@/api/quality";
import { queries } from "@/api/queries";
import { useCan } from "@/app/session";
import { onlyOf } from "@/pages/quality/RunState";
import { Progress, Verdict } from "@/pages/quality/Verdict";
import { nameOf } from "@/pages/quality/verdict";
import { t } from "@/strings";
import { qt } from "@/strings/quality";
import { VersionChanges } from "./VersionChanges.tsx";
import classes from "./Versions.module.css";

const words = qt.quality.publish;
type Props = { opened: boolean; onClose: () => void; version: number; onPublished?: (() => void) | undefined };

/** The last step before customers meet a version: what it changes, what that does to the golden questions, and the decision. */
export function PublishDialog({ opened, onClose, version, onPublished }: Props) {
  const can = useCan();
  const assistant = useQuery(queries.assistant);
  const facets = useQuery({ ...qualityQueries.facets, enabled: can("quality:read") });
  const runs = useInfiniteQuery({ ...qualityQueries.runs, enabled: can("quality:read") });
  const failed = [assistant, facets, runs].find((q) => q.isError);
  const inForce = assistant.data?.publishedVersion ?? 0;
  const ready = assistant.data && (!can("quality:read") || (facets.data && runs.data));
  return (
    <Dialog size="lg" opened={opened} onClose={onClose} title={(version < inForce ? words.backTitle : words.title)(nameOf(version))}>
      {failed ? (
        <ErrorState compact detail={explain(failed.error)} onRetry={() => void failed.refetch()} />
      ) : ready && assistant.data ? (
        <Decision
          assistantId={assistant.data.id}
          inForce={inForce}
          version={version}
          questions={facets.data?.questions ?? null}
          known={runs.data?.pages.flatMap((p) => p.items).find((r) => isOf(r, assistant.data?.id ?? "", inForce, version))}
          onClose={onClose}
          onPublished={onPublished}
        />
      ) : (
        <ListSkeleton rows={4} />
      )}
    </Dialog>
  );
}

/** The comparison of these two, on whichever side either stood, and no failed one. */
function isOf(r: GoldenRun, assistantId: string, a: number, b: number): boolean {
  const pair = (r.baseVersion === a && r.candidateVersion === b) || (r.baseVersion === b && r.candidateVersion === a);
  return r.assistantId === assistantId && pair && r.state !== "failed";
}

type DecisionProps = {
  assistantId: string;
  inForce: number;
  version: number;
  /** Null: this person may not know. */
  questions: number | null;
  known: GoldenRun | undefined;
  onClose: () => void;
  onPublished: (() => void) | undefined;
};

function Decision({ assistantId, inForce, version, questions, known, onClose, onPublished }: DecisionProps) {
  const can = useCan();
  const client = useQueryClient();
  const [started, setStarted] = useState<string | null>(null);
  const runId = started ?? known?.id;
  const polled = useQuery({ ...qualityQueries.run(runId ?? ""), enabled: runId !== undefined });
  const run = runId === undefined ? undefined : (polled.data ?? (started ? undefined : known));
  const compare = useMutation({
    mutationFn: () => golden.start({ assistantId, baseVersion: inForce, candidateVersion: version }),
    onSuccess: (r) => {
      client.setQueryData(qualityQueries.run(r.id).queryKey, r);
      setStarted(r.id);
      void client.invalidateQueries({ queryKey: ["golden-runs"] });
    },
  });
  const publish = usePublish(assistantId, version, () => {
    onClose();
    onPublished?.();
  });
  const compared = questions === 0 || run?.state === "done";
  const anyway = async () => {
    if (await confirm({ title: words.anywayTitle, body: words.anywayText, confirm: words.anyway, danger: true, typed: words.typed })) publish.mutate(true);
  };
  const problem = compare.error ?? publish.error;
  return (
    <FormStack>
      <FormMessage text={problem ? explain(problem) : undefined} />
      <p className={classes.muted}>{words.text}</p>
      <details className={classes.details} open={compared || undefined}>
        <summary>{words.changes}</summary>
        <VersionChanges assistantId={assistantId} from={inForce} to={version} />
      </details>
      {questions !== 0 && (
        <div className={classes.comparison} aria-live="polite">
          {run?.state === "done" && run.summary ? (
            <>
              <strong>{[words.seen, onlyOf(run)].filter(Boolean).join(". ")}</strong>
              <Verdict run={run} summary={run.summary} />
              <Link to="/quality/runs/$runId" params={{ runId: run.id }} search={{}} onClick={onClose}>
                {words.details}
              </Link>
            </>
          ) : isGoing(run) && run ? (
            <Progress run={run} />
          ) : run?.state === "failed" ? (
            <Hint tone="danger">{run.error ?? qt.quality.run.failedTitle}</Hint>
          ) : (
            <Hint tone="warning">
              <strong>{words.missing}</strong>
              <br />
              {can("quality:write") && questions !== null ? words.missingText(questions) : words.missingRole}
            </Hint>
          )}
        </div>
      )}
      <FormButtons>
        {!compared && (
          <Button className={classes.first ?? ""} variant="subtle" color="gray" loading={publish.isPending} onClick={() => void anyway()}>
            {words.anyway}
          </Button>
        )}
        <Button variant="default" onClick={onClose}>
          {t.cancel}
        </Button>
        {compared ? (
          <Button data-autofocus loading={publish.isPending} onClick={() => publish.mutate(false)}>
            {version < inForce ? words.rollBack : words.publish}
          </Button>
        ) : (
          can("quality:write") && (
            <Button data-autofocus loading={compare.isPending || isGoing(run)} onClick={() => compare.mutate()}>
              {run?.state === "failed" ? qt.quality.run.again : words.compare}
            </Button>
          )
        )}
      </FormButtons>
    </FormStack>
  );
}

function usePublish(assistantId: string, version: number, done: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (withoutComparison: boolean) => versions.publish(assistantId, { version, withoutComparison }),
    onSuccess: (detail) => {
      client.setQueryData(queries.assistant.queryKey, detail);
      for (const key of ["assistant-versions", "golden-runs", "golden-run"]) void client.invalidateQueries({ queryKey: [key] });
      toasts.success(words.published(nameOf(version)));
      done();
    },
    // Somebody else may have published meanwhile: what is compared with what is asked anew.
    onError: () => {
      for (const key of [queries.assistant.queryKey, ["golden-runs"]]) void client.invalidateQueries({ queryKey: key });
    },
  });
}
