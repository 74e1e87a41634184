import { ActionIcon, Button, Checkbox, NativeSelect, Radio, TextInput } from "@mantine/core";
import { Card, FormButtons, FormFields, FormMessage, FormPair, Pill, toasts, useForm } from "@parley/ui";
import { IconArrowDown, IconHistory, IconPlus, IconX } from "@parley/ui/icons";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { features, modelQueries, models, type CatalogueEntry, type Feature, type ModelAccount, type ModelChoice, type ModelSettings, type ModelSettingsDetail } from "@/api/models";
import { nestedProblem } from "@/api/problem";
import { lazyDialog } from "@/app/lazyDialog";
import { label } from "@/lib/labels";
import { amount, isFraction } from "@/pages/assistant/numbers";
import { mo } from "@/strings/models";
import { accountsFor, at, modelsFor, moved, placesOf, withChoice, without, type Place } from "./choices.ts";
import classes from "./Models.module.css";

const VersionsDialog = lazyDialog(async () => (await import("./VersionsDialog.tsx")).VersionsDialog);

const words = mo.models.choices;
const how = mo.models.how;
type Props = { detail: ModelSettingsDetail; accounts: ModelAccount[]; catalogue: CatalogueEntry[]; may: boolean };

/** Begun anew from another version when one is put in force. */
export function ChoicesForm(props: Props) {
  const [begun, begin] = useState({ round: 0, from: props.detail.settings });
  return <Form key={begun.round} {...props} from={begun.from} onOther={(other) => begin((was) => ({ round: was.round + 1, from: other }))} />;
}

function Form({ detail, from, accounts, catalogue, may, onOther }: Props & { from: ModelSettings; onOther: (other: ModelSettings) => void }) {
  const client = useQueryClient();
  const [versions, setVersions] = useState(false);
  const [note, setNote] = useState("");
  const s = detail.settings;
  const form = useForm({
    initial: { choices: from.choices, strategy: from.strategy, cascadeBelow: String(from.cascadeBelow), maxAttempts: String(from.maxAttempts), forCustomers: from.forCustomers },
    validate: (v) => ({ ...((v.cascadeBelow.trim() === "" || !isFraction(v.cascadeBelow)) && { cascadeBelow: how.belowBad }) }),
    submit: async (v) => {
      // Prices are entered elsewhere on the page: those in force now stay.
      const now = client.getQueryData(modelQueries.settings.queryKey) ?? detail;
      const settings: ModelSettings = { ...now.settings, ...v, cascadeBelow: amount(v.cascadeBelow) ?? 0, maxAttempts: Number(v.maxAttempts) };
      const saved = await models.save({ settings, version: now.version, ...(note.trim() && { note: note.trim() }) });
      client.setQueryData(modelQueries.settings.queryKey, saved);
      void client.invalidateQueries({ queryKey: ["models"] });
      setNote("");
      toasts.success(how.saved(saved.version));
    },
    problem: (e) => {
      // A choice that is wrong is one of a list: what is said of it names the model.
      const p = nestedProblem(e);
      const texts = Object.entries(p.fields ?? {}).filter(([name]) => name.startsWith("choices"));
      return texts.length > 0 ? { ...p, message: texts.flatMap(([, all]) => all).join(" ") } : p;
    },
  });
  const v = form.values;
  const set = (choices: ModelChoice[]) => form.set("choices", choices);
  const changed = JSON.stringify([v.choices, v.strategy, amount(v.cascadeBelow), Number(v.maxAttempts), v.forCustomers]) !== JSON.stringify([s.choices, s.strategy, s.cascadeBelow, s.maxAttempts, s.forCustomers]);
  return (
    <form {...form.formProps}>
      <FormFields disabled={!may}>
        <FormMessage text={form.message} />
        <Card
          title={words.title}
          description={words.text}
          actions={
            <Button variant="default" leftSection={<IconHistory size={16} />} onClick={() => setVersions(true)}>
              {mo.models.versions.open}
            </Button>
          }
        >
          <div className={classes.features}>
            {features.map((feature) => (
              <FeatureRow key={feature} feature={feature} choices={v.choices} accounts={accounts} catalogue={catalogue} may={may} set={set} />
            ))}
          </div>
        </Card>
        <Card title={how.title}>
          <div className={classes.how}>
            <Radio.Group aria-label={how.title} value={v.strategy} onChange={(value) => form.set("strategy", value as typeof v.strategy)}>
              <div className={classes.strategies}>
                {(["complexity", "attempts"] as const).map((x) => (
                  <Radio key={x} value={x} label={how.strategies[x]} description={how.strategyTexts[x]} />
                ))}
              </div>
            </Radio.Group>
            {v.strategy === "attempts" && (
              <FormPair>
                <TextInput {...form.text("cascadeBelow")} label={how.below} description={how.belowHint} inputMode="decimal" autoComplete="off" maxLength={6} />
                <NativeSelect label={how.attempts} value={v.maxAttempts} onChange={(e) => form.set("maxAttempts", e.currentTarget.value)} data={["1", "2", "3"]} />
              </FormPair>
            )}
            <Checkbox label={how.customers} description={how.customersText} checked={v.forCustomers} onChange={(e) => form.set("forCustomers", e.currentTarget.checked)} />
            {may && <TextInput label={how.note} description={how.noteHint} value={note} onChange={(e) => setNote(e.currentTarget.value)} maxLength={200} autoComplete="off" />}
          </div>
        </Card>
        {may && (
          <FormButtons>
            {changed && <span className={classes.muted}>{how.changed}</span>}
            <Button type="submit" loading={form.pending} disabled={!changed}>
              {how.save}
            </Button>
          </FormButtons>
        )}
      </FormFields>
      <VersionsDialog opened={versions} onClose={() => setVersions(false)} inForce={detail.version} accounts={accounts} may={may} onPublished={onOther} />
    </form>
  );
}

type Serving = { choices: ModelChoice[]; accounts: ModelAccount[]; catalogue: CatalogueEntry[]; may: boolean; set: (choices: ModelChoice[]) => void };

function FeatureRow({ feature, ...serving }: Serving & { feature: Feature }) {
  return (
    <section className={classes.feature}>
      <div>
        <h3 className={classes.featureName}>{words.features[feature]}</h3>
        <p className={classes.muted}>{words.hints[feature]}</p>
      </div>
      <div className={classes.places}>
        {placesOf(feature).map((place) => (
          <PlaceList key={place.tier} place={place} {...serving} />
        ))}
      </div>
    </section>
  );
}

function PlaceList({ place, choices, accounts, catalogue, may, set }: Serving & { place: Place }) {
  const [adding, setAdding] = useState(false);
  const mine = at(choices, place);
  const tiered = place.feature === "answer";
  const name = tiered ? `${label(words.features, place.feature)}, ${label(words.tiers, place.tier)}` : label(words.features, place.feature);
  return (
    <div className={classes.place} role="group" aria-label={name}>
      {tiered && (
        <div className={classes.tier}>
          <strong>{words.tiers[place.tier]}</strong> <span className={classes.muted}>{words.tierHints[place.tier]}</span>
        </div>
      )}
      {mine.length === 0 && !adding && <p className={classes.muted}>{words.nobody}</p>}
      {mine.length > 0 && (
        <ol className={classes.list}>
          {mine.map((c, i) => (
            <li key={`${c.accountId} ${c.model}`} className={classes.choice}>
              <ChoiceName choice={c} accounts={accounts} catalogue={catalogue} />
              {may && (
                <span className={classes.rowActions}>
                  {i > 0 && (
                    <ActionIcon aria-label={words.up(c.model)} title={words.up(c.model)} onClick={() => set(moved(choices, c, -1))}>
                      <IconArrowDown size={16} className={classes.up} />
                    </ActionIcon>
                  )}
                  {i < mine.length - 1 && (
                    <ActionIcon aria-label={words.down(c.model)} title={words.down(c.model)} onClick={() => set(moved(choices, c, 1))}>
                      <IconArrowDown size={16} />
                    </ActionIcon>
                  )}
                  <ActionIcon aria-label={words.remove(c.model)} title={words.remove(c.model)} onClick={() => set(without(choices, c))}>
                    <IconX size={16} />
                  </ActionIcon>
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
      {may &&
        (adding ? (
          <AddChoice
            place={place}
            accounts={accountsFor(place, accounts, catalogue, choices)}
            catalogue={catalogue}
            choices={choices}
            onCancel={() => setAdding(false)}
            onAdd={(c) => {
              set(withChoice(choices, c));
              setAdding(false);
            }}
          />
        ) : (
          <div>
            <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />} aria-label={words.addTo(name)} onClick={() => setAdding(true)}>
              {words.add}
            </Button>
          </div>
        ))}
    </div>
  );
}

function ChoiceName({ choice: c, accounts, catalogue }: { choice: ModelChoice; accounts: ModelAccount[]; catalogue: CatalogueEntry[] }) {
  const account = accounts.find((a) => a.id === c.accountId);
  const entry = catalogue.find((e) => e.model.provider === account?.provider && e.model.model === c.model);
  return (
    <span className={classes.choiceName}>
      <span>{entry?.model.name || c.model}</span>
      <span className={classes.muted}>{words.through(account?.name ?? words.gone)}</span>
      {entry?.model.prices === null && <Pill tone="warning">{words.noPrice}</Pill>}
    </span>
  );
}

type AddProps = { place: Place; accounts: ModelAccount[]; catalogue: CatalogueEntry[]; choices: ModelChoice[]; onAdd: (c: ModelChoice) => void; onCancel: () => void };

function AddChoice({ place, accounts, catalogue, choices, onAdd, onCancel }: AddProps) {
  const [accountId, setAccount] = useState(accounts[0]?.id ?? "");
  const account = accounts.find((a) => a.id === accountId);
  const possible = modelsFor(place, account, catalogue, choices);
  const [wanted, setModel] = useState("");
  const model = possible.some((e) => e.model.model === wanted) ? wanted : (possible[0]?.model.model ?? "");
  if (accounts.length === 0) {
    return (
      <div className={classes.adding}>
        <p className={classes.muted}>{words.noAccount}</p>
        <Button size="compact-sm" variant="default" onClick={onCancel}>
          {mo.models.test.close}
        </Button>
      </div>
    );
  }
  return (
    <div className={classes.adding}>
      <FormPair>
        <NativeSelect label={words.account} value={accountId} onChange={(e) => setAccount(e.currentTarget.value)} data={accounts.map((a) => ({ value: a.id, label: a.name }))} />
        <NativeSelect
          label={words.model}
          value={model}
          onChange={(e) => setModel(e.currentTarget.value)}
          data={possible.map((e) => ({ value: e.model.model, label: e.model.name || e.model.model }))}
        />
      </FormPair>
      <p className={classes.muted}>{words.modelHint}</p>
      <span className={classes.rowActions}>
        <Button size="compact-sm" onClick={() => onAdd({ ...place, accountId, model })}>
          {words.choose}
        </Button>
        <Button size="compact-sm" variant="default" onClick={onCancel}>
          {mo.models.test.close}
        </Button>
      </span>
    </div>
  );
}
