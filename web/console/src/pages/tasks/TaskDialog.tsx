import { Button, NativeSelect, TextInput } from "@mantine/core";
import { Dialog, FormButtons, FormMessage, FormStack, toasts, useForm } from "@parley/ui";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import * as api from "@/api/calls";
import { formProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Task, TaskState } from "@/api/types";
import { useCan, useSession } from "@/app/session";
import { localInput } from "@/lib/localTime";
import { t } from "@/strings";
import { tt } from "@/strings/tasks";
import classes from "./Tasks.module.css";

const words = tt.tasks;

/** What a task may be about. */
type About = { id: string; subject: string };
type Props = { opened: boolean; onClose: () => void; task?: Task | null; about?: About };

/** A new task, or one that is changed. */
export function TaskDialog({ opened, onClose, task = null, about }: Props) {
  return (
    <Dialog opened={opened} onClose={onClose} title={task ? words.changeTitle : words.addTitle}>
      <TaskForm task={task} about={about} onClose={onClose} />
    </Dialog>
  );
}

function TaskForm({ task, about, onClose }: { task: Task | null; about: About | undefined; onClose: () => void }) {
  const client = useQueryClient();
  const { user } = useSession();
  const owners = useOwners(task);
  const [dueIncomplete, setDueIncomplete] = useState(false);
  const form = useForm({
    initial: { title: task?.title ?? "", ownerId: task ? (task.ownerId ?? "") : user.id, dueAt: localInput(task?.dueAt ?? null), state: task?.state ?? "open" },
    validate: (v) => ({ ...(!v.title.trim() && { title: words.nameMissing }), ...(dueIncomplete && { dueAt: words.dueBad }) }),
    submit: async (v) => {
      const title = v.title.trim();
      const dueAt = v.dueAt === "" ? null : new Date(v.dueAt).toISOString();
      const body = { title, ...(v.ownerId && { ownerId: v.ownerId }), ...(dueAt && { dueAt }) };
      await (task ? api.tasks.change(task.id, { ...body, state: v.state, noOwner: v.ownerId === "", noDueAt: dueAt === null }) : api.tasks.add({ ...body, ...(about && { conversationId: about.id }) }));
      void client.invalidateQueries({ queryKey: ["tasks"] });
      toasts.success(task ? words.saved : words.added);
      onClose();
    },
    problem: formProblem,
  });
  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={form.message} />
        {about && <p className={classes.muted}>{words.addText(about.subject)}</p>}
        <TextInput {...form.text("title")} label={words.name} maxLength={300} autoComplete="off" data-autofocus />
        <NativeSelect label={words.owner} value={form.values.ownerId} error={form.errors.ownerId} onChange={(e) => form.set("ownerId", e.currentTarget.value)} data={owners} />
        <TextInput
          {...form.text("dueAt")}
          label={words.due}
          description={words.dueHint}
          type="datetime-local"
          onChange={(e) => {
            // A date without a time reads as nothing at all: it must not be taken for "no date".
            setDueIncomplete(e.currentTarget.validity.badInput);
            form.set("dueAt", e.currentTarget.value);
          }}
        />
        {task && (
          <NativeSelect
            label={words.state}
            value={form.values.state}
            onChange={(e) => form.set("state", e.currentTarget.value as TaskState)}
            data={Object.entries(words.states).map(([value, label]) => ({ value, label }))}
          />
        )}
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button type="submit" loading={form.pending}>
            {task ? words.save : words.add}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}

/** Who may have it: the members, as far as this person may see them; always oneself, and who has it now. */
function useOwners(task: Task | null): { value: string; label: string }[] {
  const { user } = useSession();
  const members = useQuery({ ...queries.members, enabled: useCan()("members:read") }).data?.items.filter((m) => !m.disabled) ?? [];
  const people = new Map([[user.id, user.name], ...members.map((m) => [m.userId, m.name] as const)]);
  if (task?.ownerId && task.ownerName) people.set(task.ownerId, task.ownerName);
  return [{ value: "", label: words.nobody }, ...[...people].map(([value, label]) => ({ value, label }))];
}
