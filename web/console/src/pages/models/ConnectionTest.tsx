import { Button, NativeSelect, TextInput } from "@mantine/core";
import { FormMessage, FormPair, FormStack, Pill } from "@parley/ui";
import { IconBolt } from "@parley/ui/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { features, models, type CatalogueEntry, type Feature, type ModelKind, type ModelTestResult, type TestEntry } from "@/api/models";
import { explain } from "@/api/problem";
import { label } from "@/lib/labels";
import { mo } from "@/strings/models";
import { kindOf } from "./choices.ts";
import classes from "./Models.module.css";

const words = mo.models.test;
type Props = { provider: string; id: string | null; makes: readonly ModelKind[]; catalogue: readonly CatalogueEntry[]; /** What is not saved yet. */ extra?: () => Partial<TestEntry>; text: string };

/** The smallest real call, and what came of it. Not a form: it stands inside of one. */
export function ConnectionTest({ provider, id, makes, catalogue, extra, text }: Props) {
  const client = useQueryClient();
  const list = useId();
  const possible = features.filter((f) => makes.includes(kindOf(f)));
  const [chosen, setFeature] = useState<Feature | null>(null);
  const feature = chosen && possible.includes(chosen) ? chosen : (possible[0] as Feature);
  // The cheapest first: a test of the connection need not cost more.
  const known = catalogue
    .filter((e) => e.model.provider === provider && e.model.kind === kindOf(feature))
    .toSorted((a, b) => (a.model.prices?.input ?? Infinity) - (b.model.prices?.input ?? Infinity))
    .map((e) => e.model.model);
  const [typed, setModel] = useState<{ for: string; model: string } | null>(null);
  const place = `${provider} ${kindOf(feature)}`;
  const model = typed?.for === place ? typed.model : (known[0] ?? "");
  const run = useMutation({
    mutationFn: () => models.test(id, { feature, model: model.trim(), ...extra?.() }),
    onSettled: () => void client.invalidateQueries({ queryKey: ["models", "accounts"] }),
  });
  return (
    <FormStack>
      <p className={classes.muted}>{text}</p>
      <FormPair>
        <NativeSelect label={words.feature} value={feature} onChange={(e) => setFeature(e.currentTarget.value as Feature)} data={possible.map((f) => ({ value: f, label: label(mo.models.choices.features, f) }))} />
        <TextInput label={words.model} list={list} value={model} onChange={(e) => setModel({ for: place, model: e.currentTarget.value })} maxLength={200} autoComplete="off" error={model.trim() ? undefined : words.modelMissing} />
      </FormPair>
      <datalist id={list}>
        {known.map((m) => (
          <option key={m} value={m} />
        ))}
      </datalist>
      <div>
        <Button variant="default" leftSection={<IconBolt size={16} />} loading={run.isPending} disabled={!model.trim()} onClick={() => run.mutate()}>
          {words.run}
        </Button>
      </div>
      <div role="status">
        {run.data && !run.isPending && <TestOutcome result={run.data} />}
      </div>
      {run.isError && <FormMessage text={explain(run.error)} />}
    </FormStack>
  );
}

function TestOutcome({ result: r }: { result: ModelTestResult }) {
  const read = r.usage ? r.usage.inputTokens + r.usage.cachedReadTokens + r.usage.cacheWriteTokens : 0;
  const cost = mo.models.dollars(r.cost);
  const facts = [
    r.latencyMs !== null && words.took(r.latencyMs),
    r.usage && read + r.usage.outputTokens > 0 && words.tokens(read, r.usage.outputTokens),
    r.usage && r.usage.searchUnits > 0 && words.searches(r.usage.searchUnits),
    r.dimensions !== null && words.dimensions(r.dimensions),
    r.costKnown ? words.cost(cost) : words.costUnknown(cost),
    r.requestId && words.reference(r.requestId),
  ].filter(Boolean);
  return (
    <div className={classes.result} data-ok={r.ok || undefined}>
      <Pill tone={r.ok ? "success" : "danger"}>{r.ok ? words.ok : words.failed}</Pill>
      <p>{r.message}</p>
      <p className={classes.muted}>{facts.join(" · ")}</p>
    </div>
  );
}
