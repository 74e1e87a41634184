import { Button, TextInput } from "@mantine/core";
import { Card, FormMessage, FormStack, Pill, useForm } from "@parley/ui";
import { IconCircleCheck, IconCircleX } from "@parley/ui/icons";
import { useState } from "react";
import * as api from "@/api/calls";
import { formProblem } from "@/api/problem";
import type { Widget } from "@/api/types";
import { useCan } from "@/app/session";
import { label } from "@/lib/labels";
import { wd } from "@/strings/widgets";
import classes from "./Settings.module.css";

const words = wd.widget.check;
type Checked = Awaited<ReturnType<typeof api.widgets.check>>;

/** Reads a page of the site and says whether the widget can appear there, and if not, what to mend. */
export function SiteCheckForm({ widget: w }: { widget: Widget }) {
  const may = useCan()("widgets:write");
  const [checked, setChecked] = useState<Checked | null>(null);
  const form = useForm({
    guarded: false,
    initial: { url: w.allowedOrigins[0] ?? "" },
    validate: (v) => ({ ...(!v.url.trim() && { url: words.missing }) }),
    submit: async (v) => {
      setChecked(null);
      setChecked(await api.widgets.check(w.id, v.url.trim()));
    },
    problem: formProblem,
  });
  if (!may) return null;
  return (
    <Card title={words.title} description={words.text}>
      <FormStack>
        <form {...form.formProps}>
          <FormMessage text={form.message} />
          <div className={classes.inlineForm}>
            <TextInput {...form.text("url")} aria-label={words.url} placeholder={words.example} inputMode="url" autoComplete="off" maxLength={2000} dir="ltr" />
            <Button type="submit" variant="default" loading={form.pending}>
              {words.run}
            </Button>
          </div>
        </form>
        <div role="status">
          {checked && (
            <FormStack>
              <Pill tone={checked.works ? "success" : "danger"}>{checked.works ? words.works : words.fails}</Pill>
              <ul className={classes.findings}>
                {checked.findings.map((f, i) => (
                  <li key={i} data-state={f.state}>
                    {f.state === "ok" ? <IconCircleCheck size={18} aria-hidden /> : <IconCircleX size={18} aria-hidden />}
                    <span>
                      <strong>{label(words.names, f.name)}</strong> {f.message}
                    </span>
                  </li>
                ))}
              </ul>
            </FormStack>
          )}
        </div>
      </FormStack>
    </Card>
  );
}
