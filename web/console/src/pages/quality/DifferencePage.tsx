import { Button, NativeSelect } from "@mantine/core";
import { Card, DataTable, EmptyState, ErrorState, FormPair, FormStack, formatExact, Hint, ListSkeleton, Page, PageHeader } from "@parley/ui";
import { IconArrowsExchange, IconListDetails } from "@parley/ui/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { explain } from "@/api/problem";
import { changes, qualityQueries, type GoldenRun } from "@/api/quality";
import { Forbidden } from "@/app/Forbidden";
import { ButtonLink } from "@/app/links";
import { useCan } from "@/app/session";
import { tableOf } from "@/app/tableOf";
import { label } from "@/lib/labels";
import { t } from "@/strings";
import { qt } from "@/strings/quality";
import classes from "./Quality.module.css";
import { columnsOf } from "./RunResults.tsx";
import { onlyOf } from "./RunState.tsx";
import { nameOf } from "./verdict.ts";

const words = qt.quality.difference;

/** Any two comparisons of the history beside each other: what became right, what became wrong, what stayed. */
export function DifferencePage() {
  const enabled = useCan()("quality:read");
  const list = useInfiniteQuery({ ...qualityQueries.runs, enabled });
  const search = useSearch({ from: "/quality/difference" });
  if (!enabled) return <Forbidden />;
  const done = list.data?.pages.flatMap((p) => p.items).filter((r) => r.state === "done") ?? [];
  const after = search.after ?? done[0]?.id;
  const before = search.before ?? done.find((r) => r.id !== after)?.id;
  return (
    <Page>
      <PageHeader
        title={words.title}
        description={words.description}
        back={
          <Link to="/quality/runs" search={{}}>
            {qt.quality.run.back}
          </Link>
        }
      />
      {list.isPending ? (
        <ListSkeleton rows={4} height={90} gap={16} />
      ) : list.isError ? (
        <Card>
          <ErrorState detail={explain(list.error)} onRetry={() => void list.refetch()} />
        </Card>
      ) : !before || !after ? (
        <Card>
          <EmptyState
            icon={IconArrowsExchange}
            title={words.empty}
            action={
              <ButtonLink to="/quality/runs" search={{}}>
                {qt.quality.run.back}
              </ButtonLink>
            }
          >
            {words.emptyText}
          </EmptyState>
        </Card>
      ) : (
        <Difference runs={done} before={before} after={after} more={list.hasNextPage ? () => void list.fetchNextPage() : undefined} />
      )}
    </Page>
  );
}

const named = (r: GoldenRun) => [words.run(nameOf(r.candidateVersion), formatExact(Date.parse(r.createdAt))), onlyOf(r)].filter(Boolean).join(", ");

type Props = { runs: GoldenRun[]; before: string; after: string; more: (() => void) | undefined };

function Difference({ runs, before, after, more }: Props) {
  const { change } = useSearch({ from: "/quality/difference" });
  const navigate = useNavigate({ from: "/quality/difference" });
  const query = qualityQueries.difference(before, after, change);
  const list = useInfiniteQuery(query);
  const first = list.data?.pages[0];
  const show = (search: { before?: string; after?: string; change?: (typeof changes)[number] }) => void navigate({ search: { before, after, ...search }, replace: true, resetScroll: false });
  // Both are there to be chosen, however far back they lie.
  const known = [...runs, ...[first?.before, first?.after].flatMap((r) => (r && !runs.some((x) => x.id === r.id) ? [r] : []))];
  const options = known.map((r) => ({ value: r.id, label: named(r) }));
  const counts = first && { all: first.moves.better + first.moves.worse + first.moves.right + first.moves.wrong, ...first.moves };
  const [lost, gained] = [first?.moves.onlyBefore ?? 0, first?.moves.onlyAfter ?? 0];
  return (
    <div className={classes.stack}>
      <Card>
        <FormStack>
          <FormPair>
            <NativeSelect label={words.before} value={before} onChange={(e) => show({ before: e.currentTarget.value })} data={options} />
            <NativeSelect label={words.after} value={after} onChange={(e) => show({ after: e.currentTarget.value })} data={options} />
          </FormPair>
          {more && (
            <Button variant="subtle" size="compact-sm" onClick={more}>
              {words.older}
            </Button>
          )}
          {counts && <p className={classes.headline}>{before === after ? words.same : words.moves(counts.better, counts.worse, counts.right + counts.wrong)}</p>}
          {lost + gained > 0 && <Hint>{words.others(lost, gained)}</Hint>}
        </FormStack>
      </Card>
      <section className={classes.group}>
        <h2 className={classes.heading}>{qt.quality.run.results}</h2>
        <div className={classes.chips} role="group" aria-label={qt.quality.run.which}>
          {([undefined, ...changes] as const).map((c) => (
            <Button key={c ?? "all"} size="compact-sm" variant={c === change ? "filled" : "default"} aria-pressed={c === change} onClick={() => show(c ? { change: c } : {})}>
              {`${c ? label(words.changes, c) : qt.quality.run.all} ${t.number(counts?.[c ?? "all"] ?? 0)}`}
            </Button>
          ))}
        </div>
        <DataTable
          label={qt.quality.run.results}
          columns={columnsOf(after)}
          {...tableOf(list, query)}
          rowId={(x) => x.questionId}
          onOpen={(x) => void navigate({ to: "/quality/runs/$runId/questions/$questionId", params: { runId: after, questionId: x.questionId } })}
          empty={
            <EmptyState compact icon={IconListDetails} title={qt.quality.run.resultsEmpty}>
              {words.none}
            </EmptyState>
          }
        />
      </section>
    </div>
  );
}
