import { Radio, Textarea, TextInput } from "@mantine/core";
import { FormPair, FormStack, type useForm } from "@parley/ui";
import type { CrawlSettings, Website } from "@/api/types";
import { kt } from "@/strings/knowledge";
import classes from "./Knowledge.module.css";

const words = kt.knowledge.website;
export const limits = { pages: { min: 1, max: 50_000, usual: 1000 }, depth: { min: 0, max: 50, usual: 10 } };

/** What of a website is imported, as a form holds it: patterns one per line, numbers as they are typed. */
export type Rules = { scope: string; include: string; exclude: string; maxPages: string; maxDepth: string };

export const rulesOf = (s: CrawlSettings | null): Rules => ({
  scope: s?.scope ?? "folder",
  include: s?.include.join("\n") ?? "",
  exclude: s?.exclude.join("\n") ?? "",
  maxPages: String(s?.maxPages ?? limits.pages.usual),
  maxDepth: String(s?.maxDepth ?? limits.depth.usual),
});

const lines = (text: string) => text.split("\n").map((x) => x.trim()).filter((x) => x !== "");

export const settingsOf = (r: Rules): Omit<Website, "url"> => ({
  scope: r.scope === "site" ? "site" : "folder",
  include: lines(r.include),
  exclude: lines(r.exclude),
  maxPages: Number(r.maxPages),
  maxDepth: Number(r.maxDepth),
});

export function checkRules(r: Rules): Partial<Record<keyof Rules, string>> {
  const bad = (text: string) => lines(text).some((p) => !/^[/*]/.test(p));
  const outside = (text: string, { min, max }: { min: number; max: number }) => !/^\d+$/.test(text.trim()) || Number(text) < min || Number(text) > max;
  return {
    ...(bad(r.include) && { include: words.patternBad }),
    ...(bad(r.exclude) && { exclude: words.patternBad }),
    ...(outside(r.maxPages, limits.pages) && { maxPages: words.numberBad(limits.pages.min, limits.pages.max) }),
    ...(outside(r.maxDepth, limits.depth) && { maxDepth: words.numberBad(limits.depth.min, limits.depth.max) }),
  };
}

type Form<V extends Rules> = Pick<ReturnType<typeof useForm<V>>, "values" | "errors" | "set" | "text">;

export function RulesFields<V extends Rules>({ form, open = false }: { form: Form<V>; open?: boolean }) {
  const wrong = Boolean(form.errors.include ?? form.errors.exclude ?? form.errors.maxPages ?? form.errors.maxDepth);
  return (
    <>
      <Radio.Group label={words.scope} value={form.values.scope} onChange={(v) => form.set("scope", v as V["scope"])}>
        <div className={classes.choices}>
          {["folder", "site"].map((scope) => (
            <Radio key={scope} value={scope} label={words.scopes[scope]} description={words.scopeTexts[scope]} />
          ))}
        </div>
      </Radio.Group>
      <details className={classes.more} open={open || wrong || undefined}>
        <summary>{words.narrow}</summary>
        <div>
          <FormStack>
            <Textarea {...form.text("include")} label={words.include} description={words.includeHint} rows={3} dir="ltr" spellCheck={false} />
            <Textarea {...form.text("exclude")} label={words.exclude} description={words.excludeHint} rows={3} dir="ltr" spellCheck={false} />
            <FormPair>
              <TextInput {...form.text("maxPages")} label={words.maxPages} inputMode="numeric" />
              <TextInput {...form.text("maxDepth")} label={words.maxDepth} inputMode="numeric" />
            </FormPair>
          </FormStack>
        </div>
      </details>
    </>
  );
}
