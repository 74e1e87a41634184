import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { Dialog, FormButtons, FormMessage, FormPair, FormStack, Hint, toasts, useForm } from "@parley/ui";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { modelQueries, models, type CatalogueEntry, type CatalogueProvider, type ModelCatalogue, type ModelSettingsDetail, type OwnModel } from "@/api/models";
import { explain } from "@/api/problem";
import { label } from "@/lib/labels";
import { amount, isAmount, isWhole } from "@/pages/assistant/numbers";
import { t } from "@/strings";
import { mo } from "@/strings/models";
import { withModel, withoutModel } from "./choices.ts";
import classes from "./Models.module.css";

const words = mo.models.price;
type Props = { opened: boolean; onClose: () => void; entry: CatalogueEntry | null; catalogue: ModelCatalogue; detail: ModelSettingsDetail };

/** What a model costs by the tenant's own word; also a model that the catalogue lacks. */
export function PriceDialog({ opened, onClose, entry, catalogue, detail }: Props) {
  return (
    <Dialog size="lg" opened={opened} onClose={onClose} title={entry ? words.editTitle(entry.model.name || entry.model.model) : words.addTitle}>
      <PriceForm entry={entry} catalogue={catalogue} detail={detail} onClose={onClose} />
    </Dialog>
  );
}

const fields = ["input", "output", "cachedRead", "cacheWrite", "searches"] as const;
const isShare = (share: string) => {
  const n = amount(share);
  return n === null || (n > 0 && n <= 1);
};
const text = (n: number | null | undefined) => (n === null || n === undefined ? "" : String(n));

function PriceForm({ entry, catalogue, detail, onClose }: Omit<Props, "opened">) {
  const client = useQueryClient();
  const m = entry?.model;
  const first = catalogue.providers[0] as CatalogueProvider;
  const publish = async (change: (own: OwnModel[]) => OwnModel[]) => {
    const now = client.getQueryData(modelQueries.settings.queryKey) ?? detail;
    client.setQueryData(modelQueries.settings.queryKey, await models.save({ settings: { ...now.settings, models: change(now.settings.models) }, version: now.version }));
    void client.invalidateQueries({ queryKey: ["models"] });
  };
  const form = useForm({
    initial: {
      provider: m?.provider ?? catalogue.providers.find((p) => p.baseUrl === null)?.kind ?? first.kind,
      model: m?.model ?? "",
      kind: m?.kind ?? ("chat" as const),
      free: m?.prices?.input === 0 && (m.prices.output ?? 0) === 0,
      input: text(m?.prices?.input),
      output: text(m?.prices?.output),
      cachedRead: text(m?.prices?.cachedRead),
      cacheWrite: text(m?.prices?.cacheWrite),
      searches: text(m?.prices?.searches),
      dimensions: text(m?.capabilities.dimensions),
      images: m?.capabilities.images ?? false,
      sampling: m?.capabilities.temperature ?? true,
      batch: m?.capabilities.batch ?? false,
      share: text(m?.prices?.batch),
    },
    validate: (v) => ({
      ...(!v.model.trim() && { model: words.modelMissing }),
      ...(!v.free && Object.fromEntries(fields.filter((f) => !isAmount(v[f])).map((f) => [f, words.amountBad]))),
      ...(!v.free && v.kind === "chat" && Object.fromEntries((["input", "output"] as const).filter((f) => v[f].trim() === "").map((f) => [f, words.needed]))),
      ...(!v.free && v.kind !== "chat" && v.input.trim() === "" && v.searches.trim() === "" && { input: words.needed }),
      ...(v.kind === "chat" && v.batch && !isShare(v.share) && { share: words.batchBad }),
      ...(v.kind === "embedding" && !isWhole(v.dimensions, 1, 100_000) && { dimensions: words.dimensionsBad }),
    }),
    submit: async (v) => {
      const chat = v.kind === "chat";
      // Without a date: the server gives it today's.
      const { name, baseUrl, source, note } = m ?? {};
      const own: OwnModel = {
        ...(m && { name, baseUrl, source, note }),
        provider: v.provider,
        model: v.model.trim(),
        kind: v.kind,
        capabilities: { ...m?.capabilities, images: v.images, temperature: v.sampling, ...(m ? {} : { topP: v.sampling, penalties: v.sampling }), batch: chat && v.batch, ...(v.kind === "embedding" && { dimensions: Number(v.dimensions) }) },
        prices: v.free
          ? { input: 0, ...(chat && { output: 0 }) }
          : {
              ...m?.prices,
              input: amount(v.input),
              output: chat ? amount(v.output) : null,
              cachedRead: chat ? amount(v.cachedRead) : null,
              cacheWrite: chat ? amount(v.cacheWrite) : null,
              searches: v.kind === "rerank" ? amount(v.searches) : null,
              batch: chat && v.batch ? amount(v.share) : null,
            },
      };
      await publish((all) => withModel(all, own));
      toasts.success(words.saved);
      onClose();
    },
    problem: (e) => ({ message: explain(e) }),
  });
  const back = useMutation({
    mutationFn: () => publish((all) => withoutModel(all, { provider: form.values.provider, model: form.values.model })),
    onSuccess: () => {
      toasts.success(words.removed);
      onClose();
    },
    onError: (e) => toasts.error(explain(e)),
  });
  const v = form.values;
  const makes = catalogue.providers.find((p) => p.kind === v.provider)?.makes ?? [];
  const money = (name: (typeof fields)[number]) => (
    <TextInput {...form.text(name)} label={words[name]} inputMode="decimal" autoComplete="off" maxLength={14} rightSection={<span className={classes.unit}>{name === "searches" ? words.unitSearches : words.unit}</span>} rightSectionWidth="5.5rem" />
  );
  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={form.message} />
        {m?.source && <Hint>{[m.note, words.source(m.source)].filter(Boolean).join(" ")}</Hint>}
        {!m && (
          <>
            <FormPair>
              <NativeSelect
                label={words.provider}
                value={v.provider}
                onChange={(e) => {
                  const kind = e.currentTarget.value;
                  const can = catalogue.providers.find((p) => p.kind === kind)?.makes ?? [];
                  form.set("provider", kind);
                  if (!can.includes(v.kind) && can[0]) form.set("kind", can[0]);
                }}
                data={catalogue.providers.map((p) => ({ value: p.kind, label: p.name }))}
              />
              <NativeSelect label={words.kind} value={v.kind} onChange={(e) => form.set("kind", e.currentTarget.value as typeof v.kind)} data={makes.map((k) => ({ value: k, label: label(mo.models.catalogue.kinds, k) }))} />
            </FormPair>
            <TextInput {...form.text("model")} label={words.model} description={words.modelHint} maxLength={200} autoComplete="off" />
          </>
        )}
        <Checkbox label={words.free} checked={v.free} onChange={(e) => form.set("free", e.currentTarget.checked)} />
        {!v.free && (
          <>
            <FormPair>
              {money("input")}
              {v.kind === "chat" && money("output")}
              {v.kind === "rerank" && money("searches")}
            </FormPair>
            {v.kind === "chat" && (
              <FormPair>
                {money("cachedRead")}
                {money("cacheWrite")}
              </FormPair>
            )}
          </>
        )}
        {v.kind === "embedding" && <TextInput {...form.text("dimensions")} label={words.dimensions} description={words.dimensionsHint} inputMode="numeric" autoComplete="off" maxLength={6} />}
        {v.kind === "chat" && !m && (
          <>
            <Checkbox label={words.images} checked={v.images} onChange={(e) => form.set("images", e.currentTarget.checked)} />
            <Checkbox label={words.sampling} checked={v.sampling} onChange={(e) => form.set("sampling", e.currentTarget.checked)} />
          </>
        )}
        {v.kind === "chat" && (
          <>
            <Checkbox label={words.batch} checked={v.batch} onChange={(e) => form.set("batch", e.currentTarget.checked)} />
            {v.batch && !v.free && <TextInput {...form.text("share")} label={words.batchShare} description={words.batchHint} inputMode="decimal" autoComplete="off" maxLength={6} />}
          </>
        )}
        <p className={classes.muted}>{words.date}</p>
        <FormButtons>
          {entry?.origin === "own" && (
            <Button variant="default" className={classes.first} title={words.backText} loading={back.isPending} onClick={() => back.mutate()}>
              {words.back}
            </Button>
          )}
          <Button variant="default" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button type="submit" loading={form.pending}>
            {words.save}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
