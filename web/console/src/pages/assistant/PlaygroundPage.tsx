import { Button, Checkbox, Textarea } from "@mantine/core";
import { Card, EmptyState, ErrorState, FormMessage, ListSkeleton, Page, PageHeader, useHotkeys } from "@parley/ui";
import { IconSearch, IconSparkles } from "@parley/ui/icons";
import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense, useRef, useState, type KeyboardEvent } from "react";
import * as api from "@/api/calls";
import { explain, Problem } from "@/api/problem";
import type { AskResult } from "@/api/types";
import { t } from "@/strings";
import { AssistantTabs } from "./AssistantTabs.tsx";
import classes from "./Playground.module.css";

// What shows an answer is fetched while the question is being typed, not before the page can be used.
const loadAnswerView = () => import("./AnswerView.tsx");
const loadRetrievalView = () => import("./RetrievalView.tsx");
const AnswerView = lazy(async () => ({ default: (await loadAnswerView()).AnswerView }));
const RetrievalView = lazy(async () => ({ default: (await loadRetrievalView()).RetrievalView }));
const preload = () => void Promise.all([loadAnswerView(), loadRetrievalView()]).catch(() => undefined);

const words = t.assistant;
const maxQuestion = 8000;
type Asked = { question: string; result: AskResult };

export function PlaygroundPage() {
  const [question, setQuestion] = useState("");
  const [asked, setAsked] = useState<Asked[]>([]);
  const [followUp, setFollowUp] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useHotkeys([{ keys: "/", label: words.key.ask, group: words.title, run: () => field.current?.focus() }]);

  const ask = useMutation({
    mutationFn: (q: string) =>
      api.assistant.ask({
        question: q,
        ...(followUp && {
          history: asked.flatMap((a) => [
            { role: "customer" as const, text: a.question },
            { role: "assistant" as const, text: a.result.answer },
          ]),
        }),
      }),
    onSuccess: (result, q) => setAsked((old) => [...(followUp ? old : []), { question: q, result }]),
  });
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
            <div className={classes.columns}>
              <AnswerView question={latest.question} result={latest.result} />
              <RetrievalView result={latest.result} />
            </div>
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
