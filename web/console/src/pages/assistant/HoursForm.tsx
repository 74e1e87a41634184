import { ActionIcon, Checkbox, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { Card, toasts, useForm } from "@parley/ui";
import { IconPlus, IconX } from "@parley/ui/icons";
import { useQueryClient } from "@tanstack/react-query";
import { nestedProblem } from "@/api/problem";
import type { Day, OpeningTime, ServiceHours } from "@/api/types";
import * as ws from "@/api/workspace";
import { at } from "@/strings/assistant";
import classes from "./AssistantSettings.module.css";
import { SettingsForm } from "./SettingsForm.tsx";

const words = at.assistant.hours;
const days = Object.keys(words.days) as Day[];

const time = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
/** "09:00" to "18:00", and "24:00" for the end of a day; such texts sort as the times they name. */
export const isPeriod = (o: Pick<OpeningTime, "from" | "to">) => time.test(o.from) && (time.test(o.to) || o.to === "24:00") && o.from < o.to;

const lines = (text: string) => text.split("\n").map((x) => x.trim()).filter((x) => x !== "");
const zones = () => ["UTC", ...Intl.supportedValuesOf("timeZone").filter((z) => z !== "UTC")];

export function HoursForm({ hours: h }: { hours: ServiceHours }) {
  const client = useQueryClient();
  const form = useForm({
    initial: { timeZone: h.timeZone, always: h.always, open: h.open, holidays: h.holidays.join("\n") },
    validate: (v) => ({
      ...(!v.always && !v.open.every(isPeriod) && { open: words.bad }),
      ...(!lines(v.holidays).every((x) => /^\d{4}-\d{2}-\d{2}$/.test(x)) && { holidays: words.holidaysBad }),
    }),
    submit: async (v) => {
      const saved = await ws.escalations.save({ serviceHours: { ...h, ...v, open: v.open.filter(isPeriod), holidays: lines(v.holidays) } });
      client.setQueryData(ws.queries.escalations.queryKey, saved);
      toasts.success(at.assistant.saved);
    },
    problem: nestedProblem,
  });
  const open = form.values.open;
  const set = (changed: OpeningTime, change: Partial<OpeningTime> | null) =>
    form.set("open", change === null ? open.filter((o) => o !== changed) : open.map((o) => (o === changed ? { ...o, ...change } : o)));
  const known = zones();
  return (
    <Card title={words.title} description={words.text}>
      <SettingsForm form={form}>
        <Checkbox label={words.always} checked={form.values.always} onChange={(e) => form.set("always", e.currentTarget.checked)} />
        {!form.values.always && (
          <>
            <NativeSelect
              label={words.zone}
              value={form.values.timeZone}
              error={form.errors.timeZone}
              onChange={(e) => form.set("timeZone", e.currentTarget.value)}
              data={known.includes(h.timeZone) ? known : [h.timeZone, ...known]}
            />
            <div className={classes.days}>
              {days.map((day) => {
                const name = words.days[day] ?? day;
                const periods = open.filter((o) => o.day === day);
                return (
                  <div key={day} className={classes.day} role="group" aria-label={name}>
                    <span className={classes.dayName}>{name}</span>
                    <div className={classes.periods}>
                      {periods.length === 0 && <span className={classes.text}>{words.closed}</span>}
                      {periods.map((o, i) => (
                        <span key={i} className={classes.period} dir="ltr">
                          <TextInput size="xs" aria-label={words.from(name)} value={o.from} maxLength={5} error={Boolean(form.errors.open) && !isPeriod(o)} onChange={(e) => set(o, { from: e.currentTarget.value })} />
                          {"–"}
                          <TextInput size="xs" aria-label={words.to(name)} value={o.to} maxLength={5} error={Boolean(form.errors.open) && !isPeriod(o)} onChange={(e) => set(o, { to: e.currentTarget.value })} />
                          <ActionIcon size="md" aria-label={words.remove(name, o.from)} onClick={() => set(o, null)}>
                            <IconX size={14} />
                          </ActionIcon>
                        </span>
                      ))}
                    </div>
                    <ActionIcon size="md" aria-label={words.add(name)} onClick={() => form.set("open", [...open, { day, from: periods.at(-1)?.to ?? "09:00", to: "18:00" }])}>
                      <IconPlus size={16} />
                    </ActionIcon>
                  </div>
                );
              })}
              {form.errors.open && (
                <p className={classes.error} role="alert">
                  {form.errors.open}
                </p>
              )}
            </div>
            <Textarea {...form.text("holidays")} label={words.holidays} description={words.holidaysHint} rows={2} dir="ltr" />
          </>
        )}
      </SettingsForm>
    </Card>
  );
}
