import { Button, Checkbox, NativeSelect, Textarea } from "@mantine/core";
import { Card, EmptyState, ErrorState, FormMessage, ListSkeleton, Page, PageHeader, useHotkeys } from "@parley/ui";
import { IconSearch, IconSparkles } from "@parley/ui/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState, type KeyboardEvent } from "react";
import * as api from "@/api/calls";
import { explain, Problem } from "@/api/problem";
import { qualityQueries } from "@/api/quality";
import { queries } from "@/api/queries";
import type { AskResult } from "@/api/types";
import { t } from "@/strings";
import { at } from "@/strings/assistant";
import { qt } from "@/strings/quality";
import { AssistantTabs } from "./AssistantTabs.tsx";
import classes from "./Playground.module.css";

// What shows an answer is fetched while the question is being typed, not before the page can be used.
const loadAnswerView = () => import("./AnswerView.tsx");
const loadRetrievalView = () => import("./RetrievalView.tsx");
const AnswerPair = lazy(async () => ({ default: (await import("./AnswerPair.tsx")).AnswerPair }));
const AnswerView = lazy(async () => ({ default: (await loadAnswerView()).AnswerView }));
const RetrievalView = lazy(async () => ({ default: (await loadRetrievalView()).RetrievalView }));
const preload = () => void Promise.all([loadAnswerView(), loadRetrievalView()]).catch(() => undefined);

const words = t.assistant;
const pw = at.assistant.pair;
const maxQuestion = 8000;
/** The answer under the version in force, and under the other one where there is one to compare with. */
type Asked = { question: string; result: AskResult; other?: AskResult };

export function PlaygroundPage() {
  const { q: linked, version } = useSearch({ from: "/assistant/playground" });
  const [question, setQuestion] = useState(linked ?? "");
  const [asked, setAsked] = useState<Asked[]>([]);
  const [followUp, setFollowUp] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const navigate = useNavigate({ from: "/assistant/playground" });
  const assistant = useQuery(queries.assistant);
  const inForce = assistant.data?.publishedVersion ?? 0;
  const versions = useQuery({ ...qualityQueries.versions(assistant.data?.id ?? ""), enabled: Boolean(assistant.data) });
  useHotkeys([{ keys: "/", label: words.key.ask, group: words.title, run: () => field.current?.focus() }]);

  const ask = useMutation({
    mutationFn: async (q: string) => {
      const body = {
        question: q,
        ...(followUp && {
          history: asked.flatMap((a) => [
            { role: "customer" as const, text: a.question },
            { role: "assistant" as const, text: a.result.answer },
          ]),
        }),
      };
      const [result, other] = await Promise.all([api.assistant.ask(body), version === undefined ? undefined : api.assistant.ask({ ...body, profileVersion: version })]);
      return { result, ...(other && { other }) };
    },
    onSuccess: (answers, q) => {
      setAsked((old) => [...(followUp ? old : []), { question: q, ...answers }]);
      // A question is a place to come back to, and to send to a colleague; a follow-up is none without what was before it.
      if (!followUp) void navigate({ search: { q, ...(version !== undefined && { version }) }, replace: true });
    },
  });
  const compareWith = (to: number | undefined) => {
    setAsked([]);
    void navigate({ search: { ...(question.trim() && { q: question.trim() }), ...(to !== undefined && { version: to }) }, replace: true });
  };
  // Opened by a link that names a question: it is asked at once, once.
  const opened = useRef(false);
  useEffect(() => {
    if (opened.current || !linked) return;
    opened.current = true;
    preload();
    ask.mutate(linked);
  }, [linked, ask]);
  const submit = () => {
    const q = question.trim();
    if (q && !ask.isPending) ask.mutate(q);
  };
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.key !== "Enter" || e.shiftKey || e.nativeEvent.isComposing) return;
    e.preventDefault();
    submit();
  };
  const latest = asked.at(-1);
  const refused = ask.error instanceof Problem && ask.error.status === 400 ? explain(ask.error) : undefined;

  return (
    <Page>
      <PageHeader title={words.title} description={words.description} />
      <AssistantTabs active="playground" />
      <form
        className={classes.ask}
        onSubmit={(e) => {
          e.preventDefault();
          submit();
        }}
      >
        <Textarea
          ref={field}
          className={classes.question}
          aria-label={words.question}
          placeholder={words.placeholder}
          value={question}
          onChange={(e) => {
            preload();
            setQuestion(e.currentTarget.value);
          }}
          onKeyDown={onKeyDown}
          maxLength={maxQuestion}
          rows={2}
          autoFocus
        />
        <div className={classes.buttons}>
          <NativeSelect
            aria-label={pw.with}
            value={version === undefined ? "" : String(version)}
            onChange={(e) => compareWith(e.currentTarget.value === "" ? undefined : Number(e.currentTarget.value))}
            data={[
              { value: "", label: pw.alone },
              ...[...new Set([...(versions.data?.items.map((v) => v.version) ?? []), 0, ...(version === undefined ? [] : [version])])]
                .filter((v) => v !== inForce)
                .map((v) => ({ value: String(v), label: pw.beside(qt.quality.version(v)) })),
            ]}
          />
          {asked.length > 0 ? (
            <Checkbox label={words.followUp} description={words.followUpText} checked={followUp} onChange={(e) => setFollowUp(e.currentTarget.checked)} />
          ) : (
            <span />
          )}
          <Button type="submit" loading={ask.isPending} disabled={!question.trim()} leftSection={<IconSearch size={16} />}>
            {words.ask}
          </Button>
        </div>
        <FormMessage text={refused} />
      </form>

      {asked.length > 1 && (
        <details className={classes.earlier}>
          <summary>{words.history}</summary>
          <ol>
            {asked.slice(0, -1).map((a, i) => (
              <li key={i}>
                <strong>{a.question}</strong>
                <p>{a.result.answer || words.noAnswer}</p>
              </li>
            ))}
          </ol>
        </details>
      )}

      <div className={classes.results} aria-live="polite" aria-busy={ask.isPending}>
        {ask.isPending ? (
          <ListSkeleton rows={3} height={120} gap={16} />
        ) : ask.isError && !refused ? (
          <Card>
            <ErrorState compact detail={explain(ask.error)} onRetry={submit} />
          </Card>
        ) : latest ? (
          <Suspense fallback={<ListSkeleton rows={3} height={120} gap={16} />}>
            {latest.other && version !== undefined ? (
              <AnswerPair question={latest.question} before={latest.result} after={latest.other} inForce={inForce} version={version} />
            ) : (
            <div className={classes.columns}>
              <AnswerView question={latest.question} result={latest.result} />
              <RetrievalView result={latest.result} />
            </div>
            )}
          </Suspense>
        ) : (
          <Card>
            <EmptyState compact icon={IconSparkles} title={words.empty}>
              {words.emptyText}
            </EmptyState>
          </Card>
        )}
      </div>
    </Page>
  );
}
