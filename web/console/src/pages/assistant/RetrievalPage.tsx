import { Button, Checkbox, NativeSelect, Radio, TextInput } from "@mantine/core";
import { Card, EmptyState, ErrorState, FormPair, Hint, ListSkeleton, Meter, Page, PageHeader, Pill, RelativeTime, toasts, useForm } from "@parley/ui";
import { IconSparkles } from "@parley/ui/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { explain, nestedProblem } from "@/api/problem";
import { retrieval, type Retrieval, type RetrievalSettings, type VectorProgress } from "@/api/retrieval";
import { Forbidden } from "@/app/Forbidden";
import { useCan } from "@/app/session";
import { label } from "@/lib/labels";
import { t } from "@/strings";
import { at } from "@/strings/assistant";
import { rt } from "@/strings/retrieval";
import classes from "./AssistantSettings.module.css";
import { AssistantTabs } from "./AssistantTabs.tsx";
import { isFraction, isWhole } from "./numbers.ts";
import { SettingsForm } from "./SettingsForm.tsx";

const words = rt.retrieval;
const tones = { waiting: "neutral", making: "info", halted: "warning", complete: "success" } as const;
const alphas = ["conceptual", "technical", "conversational", "exact"] as const;

const fusing = (mode: RetrievalSettings["mode"]) => mode === "hybrid" || mode === "small_to_big";

/** How questions are looked up, and how far the vectors are. */
export function RetrievalPage() {
  const enabled = useCan()("knowledge:read");
  const found = useQuery({ ...retrieval.query, enabled });
  if (!enabled) return <Forbidden />;
  return (
    <Page>
      <PageHeader title={t.assistant.title} description={words.description} />
      <AssistantTabs active="search" />
      {found.isPending ? (
        <ListSkeleton rows={3} height={150} gap={16} />
      ) : found.isError ? (
        <Card>
          <ErrorState detail={explain(found.error)} onRetry={() => void found.refetch()} />
        </Card>
      ) : (
        <div className={classes.narrow}>
          <Vectors view={found.data} />
          <Settings key={found.data.version} view={found.data} />
        </div>
      )}
    </Page>
  );
}

function Vectors({ view }: { view: Retrieval }) {
  const v = view.vectors;
  if (!v)
    return (
      <Card title={words.vectors}>
        <EmptyState compact icon={IconSparkles} title={words.none}>
          {words.noneText}
        </EmptyState>
        <p className={classes.text}>{view.reranker ? words.reranker(view.reranker) : words.noReranker}</p>
      </Card>
    );
  return (
    <Card title={words.vectors} description={words.by(v.model, v.provider)} actions={<Pill tone={tones[v.state]}>{label(words.state, v.state)}</Pill>}>
      <div className={classes.progress}>
        <Meter value={v.done} max={Math.max(v.total, 1)} label={words.done(v.done, v.total)} tone={v.state === "complete" ? "success" : "accent"} />
        <p className={classes.text}>
          {words.done(v.done, v.total)}
          {". "}
          {v.done < v.total && words.rest} {v.servedBy && words.servedBy(v.servedBy)} {v.refused > 0 && words.refused(v.refused)}
        </p>
        {v.halted ? <Halted progress={v} /> : v.refused > 0 && <Retry />}
        <p className={classes.text}>{view.reranker ? words.reranker(view.reranker) : words.noReranker}</p>
      </div>
    </Card>
  );
}

function Retry() {
  const client = useQueryClient();
  const may = useCan()("knowledge:write");
  const retry = useMutation({
    mutationFn: () => retrieval.retry(),
    onSuccess: (view) => {
      client.setQueryData(retrieval.query.queryKey, view);
      toasts.success(words.retried);
    },
    onError: (error) => toasts.error(explain(error)),
  });
  return may ? (
    <div>
      <Button size="xs" variant="default" loading={retry.isPending} onClick={() => retry.mutate()}>
        {words.retry}
      </Button>
    </div>
  ) : null;
}

function Halted({ progress }: { progress: VectorProgress }) {
  return (
    <Hint tone="warning">
      <strong>{words.haltedTitle}.</strong> {label(words.halted, progress.halted)}{" "}
      {progress.retryAt && (
        <>
          {words.retryAt} <RelativeTime at={progress.retryAt} />.{" "}
        </>
      )}
      <Retry />
    </Hint>
  );
}

function Settings({ view }: { view: Retrieval }) {
  const client = useQueryClient();
  const s = view.settings;
  const initial = {
    mode: s.mode, fusion: s.fusion, rerank: s.rerank, forCustomers: s.forCustomers, rrfK: String(s.rrfK), patienceMs: String(s.patienceMs), rerankPatienceMs: String(s.rerankPatienceMs),
    rerankPassages: String(s.rerankPassages), conceptual: String(s.conceptual), technical: String(s.technical), conversational: String(s.conversational), exact: String(s.exact),
  };
  // What is not on the page stays as it was saved: nobody could mend what they do not see.
  const asShown = (v: typeof initial): typeof initial => {
    const kept = (shown: boolean, ...fields: (keyof typeof initial)[]) => (shown ? {} : Object.fromEntries(fields.map((f) => [f, initial[f]])));
    return {
      ...v, ...kept(fusing(v.mode) && v.fusion === "rrf", "rrfK"), ...kept(fusing(v.mode) && v.fusion !== "rrf", ...alphas), ...kept(v.mode !== "keyword", "patienceMs"),
      ...kept(v.rerank, "rerankPatienceMs", "rerankPassages"),
    };
  };
  const form = useForm({
    initial,
    validate: (all) => {
      const v = asShown(all);
      return {
        ...(!isWhole(v.rrfK, 1, 1000) && { rrfK: at.assistant.number(1, 1000) }),
        ...(!isWhole(v.patienceMs, 50, 5000) && { patienceMs: at.assistant.number(50, 5000) }),
        ...(!isWhole(v.rerankPatienceMs, 50, 5000) && { rerankPatienceMs: at.assistant.number(50, 5000) }),
        ...Object.fromEntries(alphas.filter((a) => v[a].trim() === "" || !isFraction(v[a])).map((a) => [a, words.fraction])),
      };
    },
    submit: async (all) => {
      const v = asShown(all);
      const number = (text: string) => Number(text.trim().replace(",", "."));
      const saved = await retrieval.save({
        ...s, mode: v.mode, fusion: v.fusion, rerank: v.rerank, forCustomers: v.forCustomers, rrfK: number(v.rrfK), patienceMs: number(v.patienceMs), rerankPatienceMs: number(v.rerankPatienceMs),
        rerankPassages: number(v.rerankPassages), conceptual: number(v.conceptual), technical: number(v.technical), conversational: number(v.conversational), exact: number(v.exact),
      } as RetrievalSettings);
      client.setQueryData(retrieval.query.queryKey, saved);
      toasts.success(at.assistant.saved);
    },
    problem: nestedProblem,
  });
  const fuses = fusing(form.values.mode);
  return (
    <Card title={words.how} description={words.version(view.version)}>
      <SettingsForm form={form}>
        <Radio.Group label={words.mode} value={form.values.mode} onChange={(mode) => form.set("mode", mode as RetrievalSettings["mode"])}>
          <div className={classes.choices}>
            {Object.entries(words.modes).map(([mode, name]) => (
              <Radio key={mode} value={mode} label={name} description={words.modeTexts[mode]} />
            ))}
          </div>
        </Radio.Group>
        {fuses && (
          <>
            <NativeSelect
              label={words.fusion}
              description={words.fusionTexts[form.values.fusion]}
              value={form.values.fusion}
              onChange={(e) => form.set("fusion", e.currentTarget.value as RetrievalSettings["fusion"])}
              data={Object.entries(words.fusions).map(([value, name]) => ({ value, label: name }))}
            />
            {form.values.fusion === "rrf" ? (
              <TextInput {...form.text("rrfK")} label={words.k} description={words.kHint} inputMode="numeric" autoComplete="off" />
            ) : (
              <fieldset className={classes.group}>
                <legend className={classes.legend}>{words.alpha}</legend>
                <p className={classes.text}>{words.alphaText}</p>
                <FormPair>
                  <TextInput {...form.text("conceptual")} label={words.kinds.conceptual} inputMode="decimal" autoComplete="off" />
                  <TextInput {...form.text("technical")} label={words.kinds.technical} inputMode="decimal" autoComplete="off" />
                </FormPair>
                <FormPair>
                  <TextInput {...form.text("conversational")} label={words.kinds.conversational} inputMode="decimal" autoComplete="off" />
                  <TextInput {...form.text("exact")} label={words.kinds.exact} inputMode="decimal" autoComplete="off" />
                </FormPair>
              </fieldset>
            )}
          </>
        )}
        {form.values.mode !== "keyword" && <TextInput {...form.text("patienceMs")} label={words.patience} description={words.patienceHint} inputMode="numeric" autoComplete="off" />}
        <Checkbox label={words.rerank} checked={form.values.rerank} onChange={(e) => form.set("rerank", e.currentTarget.checked)} />
        {form.values.rerank && (
          <FormPair>
            <TextInput {...form.text("rerankPatienceMs")} label={words.rerankPatience} description={words.rerankPatienceHint} inputMode="numeric" autoComplete="off" />
            <NativeSelect label={words.keep} value={form.values.rerankPassages} onChange={(e) => form.set("rerankPassages", e.currentTarget.value)} data={["3", "4", "5"]} />
          </FormPair>
        )}
        <Checkbox label={words.customers} description={words.customersText} checked={form.values.forCustomers} onChange={(e) => form.set("forCustomers", e.currentTarget.checked)} />
      </SettingsForm>
    </Card>
  );
}
