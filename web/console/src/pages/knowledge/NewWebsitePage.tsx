import { Button, NativeSelect, TextInput } from "@mantine/core";
import { Card, FormButtons, FormMessage, FormStack, Page, PageHeader, toasts, useForm } from "@parley/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { formProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import * as kb from "@/api/knowledge";
import { Forbidden } from "@/app/Forbidden";
import { ButtonLink } from "@/app/links";
import { useCan } from "@/app/session";
import { toAddress } from "@/lib/origin";
import { t } from "@/strings";
import { kt } from "@/strings/knowledge";
import { CrawlPreview } from "./CrawlPreview.tsx";
import classes from "./Knowledge.module.css";
import { checkRules, RulesFields, rulesOf, settingsOf } from "./WebsiteFields.tsx";

const words = kt.knowledge.website;
const steps = ["where", "preview", "rules"] as const;
type Step = (typeof steps)[number];
/** More than this is not looked at beforehand; the import itself goes on to its own limit. */
const previewPages = 500;

export function NewWebsitePage() {
  const may = useCan()("knowledge:write");
  return (
    <Page width="narrow">
      <PageHeader back={<Link to="/knowledge">{kt.knowledge.back}</Link>} title={words.title} description={words.description} />
      {may ? <Wizard /> : <Forbidden />}
    </Page>
  );
}

function Wizard() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [step, setStep] = useState<Step>("where");
  const [crawlId, setCrawlId] = useState<string | null>(null);
  const [skip, setSkip] = useState(false);
  const form = useForm({
    initial: { ...rulesOf(null), url: "", name: "", audience: "public", language: "", schedule: "24" },
    validate: (v) => ({ ...(!toAddress(v.url) && { url: words.urlMissing }), ...checkRules(v), ...(step === "rules" && !v.name.trim() && { name: kt.knowledge.plan.nameMissing }) }),
    submit: async (v) => {
      const url = toAddress(v.url) ?? "";
      if (step === "where") {
        if (!v.name.trim()) form.set("name", new URL(url).hostname);
        if (skip) {
          setStep("rules");
          return false;
        }
        setCrawlId((await kb.websites.preview({ url, ...settingsOf(v), maxPages: Math.min(Number(v.maxPages), previewPages) })).id);
        setStep("preview");
        return false;
      }
      const hours = Number(v.schedule);
      const { source } = await kb.websites.add({
        url,
        ...settingsOf(v),
        name: v.name.trim(),
        audience: v.audience,
        ...(v.language.trim() && { language: v.language.trim() }),
        ...(hours > 0 && { scheduleHours: hours }),
      });
      toasts.success(kt.knowledge.actions.started(source.name));
      void client.invalidateQueries({ queryKey: queries.sources.queryKey });
      void navigate({ to: "/knowledge/sources/$sourceId", params: { sourceId: source.id }, search: {} });
    },
    problem: (e) => {
      const p = formProblem(e);
      // What is wrong with the address or the patterns is mended where they are.
      if (Object.keys(p.fields ?? {}).some((f) => ["url", "scope", "include", "exclude", "maxPages", "maxDepth"].includes(f))) setStep("where");
      return p;
    },
  });
  return (
    <>
      <ol className={classes.steps} aria-label={words.stepsLabel}>
        {steps.map((s, i) => (
          <li key={s} aria-current={s === step ? "step" : undefined} data-done={i < steps.indexOf(step) || undefined}>
            <span aria-hidden>{t.number(i + 1)}</span>
            {words.steps[s]}
          </li>
        ))}
      </ol>
      <Card>
        <form {...form.formProps}>
          <FormStack>
            <FormMessage text={form.message} />
            {step === "where" && (
              <>
                <TextInput {...form.text("url")} label={words.url} description={words.urlHint} inputMode="url" autoComplete="off" dir="ltr" autoFocus />
                <RulesFields form={form} />
                <FormButtons>
                  <ButtonLink to="/knowledge" variant="default">
                    {t.cancel}
                  </ButtonLink>
                  <Button type="submit" variant="default" loading={form.pending && skip} onClick={() => setSkip(true)}>
                    {words.withoutPreview}
                  </Button>
                  <Button type="submit" loading={form.pending && !skip} onClick={() => setSkip(false)}>
                    {words.preview}
                  </Button>
                </FormButtons>
              </>
            )}
            {step === "preview" && crawlId && (
              <>
                <CrawlPreview crawlId={crawlId} />
                <FormButtons>
                  <Button variant="default" onClick={() => setStep("where")}>
                    {words.back}
                  </Button>
                  <Button onClick={() => setStep("rules")}>{words.next}</Button>
                </FormButtons>
              </>
            )}
            {step === "rules" && (
              <>
                <TextInput {...form.text("name")} label={kt.knowledge.plan.name} maxLength={200} autoFocus />
                <NativeSelect
                  label={kt.knowledge.source.audience}
                  value={form.values.audience}
                  onChange={(e) => form.set("audience", e.currentTarget.value)}
                  data={Object.entries(kt.knowledge.audience).map(([value, label]) => ({ value, label }))}
                />
                <TextInput {...form.text("language")} label={words.language} description={words.languageHint} maxLength={35} autoComplete="off" dir="ltr" />
                <NativeSelect
                  label={kt.knowledge.schedule.label}
                  value={form.values.schedule}
                  onChange={(e) => form.set("schedule", e.currentTarget.value)}
                  data={Object.entries(kt.knowledge.schedule.choices).map(([value, label]) => ({ value, label }))}
                />
                <FormButtons>
                  <Button variant="default" onClick={() => setStep(crawlId && !skip ? "preview" : "where")}>
                    {words.back}
                  </Button>
                  <Button type="submit" loading={form.pending}>
                    {words.submit}
                  </Button>
                </FormButtons>
              </>
            )}
          </FormStack>
        </form>
      </Card>
    </>
  );
}
