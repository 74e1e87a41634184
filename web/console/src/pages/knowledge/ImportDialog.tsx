import { Button, Loader, NativeSelect, Radio, TextInput } from "@mantine/core";
import { Dialog, EmptyState, FormButtons, FormMessage, FormStack, useForm } from "@parley/ui";
import { IconFiles } from "@parley/ui/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { formProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Source } from "@/api/types";
import { byteSize } from "@/lib/labels";
import { planUpload, type Dropped, type UploadPlan } from "@/lib/upload";
import { startUpload } from "@/lib/uploads";
import { t } from "@/strings";
import { kt } from "@/strings/knowledge";
import classes from "./Knowledge.module.css";

const words = kt.knowledge.plan;

export function ImportDialog({ opened, files, sourceId, onClose }: { opened: boolean; files: Promise<Dropped[]> | null; sourceId: string | undefined; onClose: () => void }) {
  return (
    <Dialog opened={opened} onClose={onClose} title={words.title} size="lg">
      {files && <Reading files={files} sourceId={sourceId} onClose={onClose} />}
    </Dialog>
  );
}

function Reading({ files, sourceId, onClose }: { files: Promise<Dropped[]>; sourceId: string | undefined; onClose: () => void }) {
  const [plan, setPlan] = useState<UploadPlan | null>(null);
  const sources = useQuery(queries.sources);
  useEffect(() => {
    let current = true;
    void files.then(
      (list) => current && setPlan(planUpload(list)),
      () => current && setPlan(planUpload([])),
    );
    return () => {
      current = false;
    };
  }, [files]);
  if (!plan || sources.isPending)
    return (
      <div className={classes.reading} role="status">
        <Loader size="sm" />
        {words.reading}
      </div>
    );
  if (plan.files.length === 0)
    return (
      <EmptyState compact icon={IconFiles} title={words.nothing}>
        {words.nothingText}
        <Skipped plan={plan} />
      </EmptyState>
    );
  return <PlanForm plan={plan} sources={(sources.data?.items ?? []).filter((s) => s.state !== "deleting")} sourceId={sourceId} onClose={onClose} />;
}

/** The source these files most likely belong to. */
export function likelySource(plan: Pick<UploadPlan, "name">, sources: readonly Source[]): Source | undefined {
  const same = (a: string) => a.localeCompare(plan.name, undefined, { sensitivity: "base" }) === 0;
  return plan.name ? sources.find((s) => same(s.name) || same(s.canonical)) : undefined;
}

function PlanForm({ plan, sources, sourceId, onClose }: { plan: UploadPlan; sources: Source[]; sourceId: string | undefined; onClose: () => void }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const likely = sourceId ?? likelySource(plan, sources)?.id;
  const form = useForm({
    initial: {
      target: likely ? "update" : "new",
      name: plan.name,
      sourceId: likely ?? sources[0]?.id ?? "",
      // A folder is usually the whole; single files seldom are. What would remove documents is never the silent choice for those.
      mode: plan.files.length > 1 && plan.name !== "" && !sourceId ? "complete" : "partial",
    },
    validate: (v) => {
      if (v.target === "update") return {};
      if (!v.name.trim()) return { name: words.nameMissing };
      return sources.some((s) => s.name.toLocaleLowerCase() === v.name.trim().toLocaleLowerCase()) ? { name: words.exists(v.name.trim()) } : {};
    },
    submit: async (v) => {
      const update = v.target === "update";
      const name = update ? (sources.find((s) => s.id === v.sourceId)?.name ?? "") : v.name.trim();
      const created = await startUpload(update ? { sourceId: v.sourceId } : { name }, update && v.mode === "partial" ? "partial" : "complete", plan.files, name);
      void client.invalidateQueries({ queryKey: queries.sources.queryKey });
      void client.invalidateQueries({ queryKey: ["imports", created.sourceId] });
      onClose();
      void navigate({ to: "/knowledge/sources/$sourceId", params: { sourceId: created.sourceId }, search: {} });
    },
    problem: formProblem,
  });
  const update = form.values.target === "update";
  return (
    <form {...form.formProps}>
      <FormStack>
        <div>
          <strong>{words.files(plan.files.length, byteSize(plan.bytes))}</strong>
          <Skipped plan={plan} />
        </div>
        <FormMessage text={form.message} />
        {sources.length > 0 && (
          <Radio.Group label={words.target} value={form.values.target} onChange={(v) => form.set("target", v)}>
            <div className={classes.choices}>
              <Radio value="new" label={words.asNew} description={words.asNewText} />
              <Radio value="update" label={words.asUpdate} description={words.asUpdateText} />
            </div>
          </Radio.Group>
        )}
        {update ? (
          <>
            <NativeSelect
              label={words.which}
              value={form.values.sourceId}
              onChange={(e) => form.set("sourceId", e.currentTarget.value)}
              data={sources.map((s) => ({ value: s.id, label: s.name }))}
            />
            <Radio.Group label={words.vanished} value={form.values.mode} onChange={(v) => form.set("mode", v)}>
              <div className={classes.choices}>
                <Radio value="partial" label={words.keep} description={words.keepText} />
                <Radio value="complete" label={words.remove} description={words.removeText} />
              </div>
            </Radio.Group>
          </>
        ) : (
          <TextInput {...form.text("name")} label={words.name} maxLength={200} autoFocus />
        )}
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

const shownSkipped = 100;

function Skipped({ plan }: { plan: UploadPlan }) {
  if (plan.skipped.length === 0) return null;
  return (
    <details className={classes.skipped}>
      <summary>{words.skipped(plan.skipped.length)}</summary>
      <ul>
        {plan.skipped.slice(0, shownSkipped).map((s) => (
          <li key={s.path}>
            <span className={classes.path}>{s.path}</span> <span className={classes.muted}>{words.reasons[s.reason]}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
