import { Button, NativeSelect, TextInput } from "@mantine/core";
import { Dialog, ErrorState, FormButtons, FormMessage, FormStack, Hint, ListSkeleton, Segmented, useForm } from "@parley/ui";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { explain, formProblem } from "@/api/problem";
import { golden, qualityQueries, type AssistantVersion, type GoldenFacets } from "@/api/quality";
import { queries } from "@/api/queries";
import type { AssistantProfile } from "@/api/types";
import { languageName } from "@/lib/labels";
import { fraction, isFraction } from "@/pages/assistant/numbers";
import { t } from "@/strings";
import { qt } from "@/strings/quality";
import classes from "./Quality.module.css";
import { nameOf } from "./verdict.ts";

const words = qt.quality.compare;

/** Two versions over the golden questions: the one in force, and what might replace it. */
export function CompareDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const assistant = useQuery(queries.assistant);
  const versions = useQuery({ ...qualityQueries.versions(assistant.data?.id ?? ""), enabled: Boolean(assistant.data) });
  const facets = useQuery(qualityQueries.facets);
  const failed = [assistant, versions, facets].find((q) => q.isError);
  return (
    <Dialog opened={opened} onClose={onClose} title={words.title}>
      {failed ? (
        <ErrorState compact detail={explain(failed.error)} onRetry={() => void failed.refetch()} />
      ) : assistant.data && versions.data && facets.data ? (
        <CompareForm assistant={assistant.data} versions={versions.data.items} facets={facets.data} onClose={onClose} />
      ) : (
        <ListSkeleton rows={4} />
      )}
    </Dialog>
  );
}

type Props = { assistant: { id: string; publishedVersion: number | null; profile: AssistantProfile }; versions: readonly AssistantVersion[]; facets: GoldenFacets; onClose: () => void };

function CompareForm({ assistant, versions, facets, onClose }: Props) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const inForce = assistant.publishedVersion ?? 0;
  const all = [...versions.map((v) => ({ version: v.version, note: v.note })), { version: 0, note: null }];
  const option = (v: (typeof all)[number]) => {
    const name = [nameOf(v.version), v.note].filter(Boolean).join(": ");
    return { value: String(v.version), label: v.version === inForce ? words.inForce(name) : name };
  };
  const form = useForm({
    guarded: false,
    initial: { base: String(inForce), what: (all.length > 1 ? "saved" : "threshold") as "saved" | "threshold", candidateVersion: String(all.find((v) => v.version !== inForce)?.version ?? ""), threshold: "", category: "", language: "", tag: "" },
    validate: (v) =>
      v.what === "saved"
        ? { ...((v.candidateVersion === "" || v.candidateVersion === v.base) && { candidateVersion: words.versionMissing }) }
        : { ...((v.threshold.trim() === "" || !isFraction(v.threshold)) && { threshold: words.thresholdBad }) },
    submit: async (v) => {
      const run = await golden.start({
        assistantId: assistant.id,
        baseVersion: Number(v.base),
        ...(v.what === "saved" ? { candidateVersion: Number(v.candidateVersion) } : { candidate: { ...assistant.profile, threshold: fraction(v.threshold) } }),
        ...(v.category && { category: v.category }),
        ...(v.language && { language: v.language }),
        ...(v.tag && { tag: v.tag }),
      });
      for (const key of ["golden-runs", "assistant-versions"]) void client.invalidateQueries({ queryKey: [key] });
      client.setQueryData(qualityQueries.run(run.id).queryKey, run);
      onClose();
      void navigate({ to: "/quality/runs/$runId", params: { runId: run.id }, search: {} });
    },
    problem: formProblem,
  });
  const v = form.values;
  const others = all.filter((x) => String(x.version) !== v.base);
  const only = (name: string, key: "category" | "language" | "tag", values: readonly string[], label: (x: string) => string) =>
    values.length > 0 && (
      <NativeSelect
        aria-label={name}
        value={v[key]}
        onChange={(e) => form.set(key, e.currentTarget.value)}
        data={[{ value: "", label: words.any(name) }, ...values.map((x) => ({ value: x, label: label(x) }))]}
      />
    );
  return (
    <form {...form.formProps}>
      <FormStack>
        <p className={classes.text}>{words.text}</p>
        <FormMessage text={form.message} />
        <NativeSelect label={words.base} value={v.base} onChange={(e) => form.set("base", e.currentTarget.value)} data={all.map(option)} />
        <Segmented
          fullWidth
          aria-label={words.what}
          value={v.what}
          onChange={(x) => form.set("what", x as typeof v.what)}
          data={[
            { value: "saved", label: words.saved },
            { value: "threshold", label: words.threshold },
          ]}
        />
        {v.what === "threshold" ? (
          <TextInput {...form.text("threshold")} label={words.thresholdField} description={words.thresholdHint} inputMode="decimal" autoComplete="off" />
        ) : others.length === 0 ? (
          <Hint>{words.versionNone}</Hint>
        ) : (
          <NativeSelect
            label={words.version}
            value={v.candidateVersion}
            error={form.errors.candidateVersion}
            onChange={(e) => form.set("candidateVersion", e.currentTarget.value)}
            data={[{ value: "", label: words.versionMissing }, ...others.map(option)]}
          />
        )}
        <fieldset className={classes.only}>
          <legend>{words.only}</legend>
          {only(qt.quality.list.category, "category", Object.keys(qt.quality.categories), (x) => qt.quality.categories[x] ?? x)}
          {only(qt.quality.list.language, "language", facets.languages, languageName)}
          {only(qt.quality.list.tag, "tag", facets.tags, (x) => x)}
        </fieldset>
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button type="submit" loading={form.pending}>
            {words.start}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
