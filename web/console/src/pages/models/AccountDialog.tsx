import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { Dialog, FormButtons, FormMessage, FormPair, FormStack, toasts, useForm } from "@parley/ui";
import { useQueryClient } from "@tanstack/react-query";
import { models, type AccountEntry, type CatalogueProvider, type ModelAccount, type ModelCatalogue } from "@/api/models";
import { formProblem } from "@/api/problem";
import { isWhole } from "@/pages/assistant/numbers";
import { t } from "@/strings";
import { mo } from "@/strings/models";
import { ConnectionTest } from "./ConnectionTest.tsx";
import classes from "./Models.module.css";

const words = mo.models.form;
type Props = { opened: boolean; onClose: () => void; account: ModelAccount | null; catalogue: ModelCatalogue };

/** A new account, or one that is changed. */
export function AccountDialog({ opened, onClose, account, catalogue }: Props) {
  return (
    <Dialog size="lg" opened={opened} onClose={onClose} title={account ? words.editTitle : words.addTitle}>
      <AccountForm account={account} catalogue={catalogue} onClose={onClose} />
    </Dialog>
  );
}

const most = 1_000_000_000;
const whole = (text: string) => (text.trim() === "" ? null : Number(text.trim()));
const wholeOk = (text: string) => text.trim() === "" || isWhole(text, 1, most);

function AccountForm({ account: a, catalogue, onClose }: Omit<Props, "opened">) {
  const client = useQueryClient();
  const first = catalogue.providers[0] as CatalogueProvider;
  const form = useForm({
    initial: {
      provider: a?.provider ?? first.kind,
      name: a?.name ?? "",
      baseUrl: a?.baseUrl ?? "",
      apiKey: "",
      requestsPerMinute: String(a?.requestsPerMinute ?? ""),
      tokensPerMinute: String(a?.tokensPerMinute ?? ""),
      concurrency: String(a?.concurrency ?? ""),
      enabled: a?.enabled ?? true,
    },
    validate: (v) => ({
      ...(!v.baseUrl.trim() && !providerOf(v.provider).baseUrl && { baseUrl: words.baseUrlMissing }),
      ...(!v.apiKey && !a?.keyHint && providerOf(v.provider).needsKey && { apiKey: words.keyMissing }),
      ...Object.fromEntries((["requestsPerMinute", "tokensPerMinute", "concurrency"] as const).filter((n) => !wholeOk(v[n])).map((n) => [n, words.wholeNumber])),
    }),
    submit: async (v) => {
      const entry: AccountEntry = {
        provider: v.provider,
        name: v.name.trim() || providerOf(v.provider).name,
        baseUrl: v.baseUrl.trim() || null,
        apiKey: v.apiKey.trim() || null,
        requestsPerMinute: whole(v.requestsPerMinute),
        tokensPerMinute: whole(v.tokensPerMinute),
        concurrency: whole(v.concurrency),
        enabled: v.enabled,
        ...(a && { version: a.version }),
      };
      await (a ? models.change(a.id, entry) : models.add(entry));
      void client.invalidateQueries({ queryKey: ["models"] });
      toasts.success(a ? words.saved : words.added);
      onClose();
    },
    problem: formProblem,
  });
  const providerOf = (kind: string) => catalogue.providers.find((p) => p.kind === kind) ?? first;
  const v = form.values;
  const provider = providerOf(v.provider);
  const unsaved = () => ({ provider: v.provider, baseUrl: v.baseUrl.trim(), ...(v.apiKey.trim() || !a ? { apiKey: v.apiKey.trim() } : {}) });
  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={form.message} />
        <FormPair>
          <NativeSelect
            label={words.provider}
            value={v.provider}
            error={form.errors.provider}
            disabled={a !== null}
            onChange={(e) => form.set("provider", e.currentTarget.value)}
            data={catalogue.providers.map((p) => ({ value: p.kind, label: p.name }))}
          />
          <TextInput {...form.text("name")} label={words.name} placeholder={provider.name} maxLength={100} autoComplete="off" />
        </FormPair>
        <TextInput
          {...form.text("baseUrl")}
          label={words.baseUrl}
          description={provider.baseUrl ? words.baseUrlOwn(provider.baseUrl) : words.baseUrlHint}
          placeholder={provider.baseUrl ?? words.baseUrlExample}
          inputMode="url"
          autoComplete="off"
          maxLength={500}
        />
        <TextInput
          {...form.text("apiKey")}
          type="password"
          label={words.key}
          description={a?.keyHint ? words.keyKept(a.keyHint) : provider.needsKey ? words.keyHint : words.keyFree}
          autoComplete="new-password"
          maxLength={4096}
        />
        <fieldset className={classes.group}>
          <legend>{words.limits}</legend>
          <p className={classes.muted}>{words.limitsText}</p>
          <div className={classes.three}>
            <TextInput {...form.text("requestsPerMinute")} label={words.requests} inputMode="numeric" autoComplete="off" maxLength={10} />
            <TextInput {...form.text("tokensPerMinute")} label={words.tokens} inputMode="numeric" autoComplete="off" maxLength={10} />
            <TextInput {...form.text("concurrency")} label={words.concurrency} inputMode="numeric" autoComplete="off" maxLength={6} />
          </div>
        </fieldset>
        {a && <Checkbox label={words.enabled} description={words.enabledHint} checked={v.enabled} onChange={(e) => form.set("enabled", e.currentTarget.checked)} />}
        <details className={classes.details}>
          <summary>{mo.models.test.unsaved}</summary>
          <ConnectionTest provider={v.provider} id={a?.id ?? null} makes={provider.makes} catalogue={catalogue.models} extra={unsaved} text={mo.models.test.unsavedText} />
        </details>
        <FormButtons>
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
