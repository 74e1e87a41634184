import { ActionIcon } from "@mantine/core";
import { IconCircle, IconCircleCheck } from "@parley/ui/icons";
import * as api from "@/api/calls";
import type { Task, TaskState } from "@/api/types";
import { inPages, useOptimistic } from "@/app/optimistic";
import { tt } from "@/strings/tasks";
import { isOpen } from "./taskState.ts";

const words = tt.tasks;

/** Done, or open again, in one press; what was pressed by mistake is undone. */
export function TaskTick({ task }: { task: Task }) {
  const open = isOpen(task);
  const set = useOptimistic<TaskState>({
    scope: `task:${task.id}`,
    run: (state) => api.tasks.change(task.id, { state }),
    touches: [["tasks"]],
    show: (client, state) => inPages<Task>(client, ["tasks"], (x) => (x.id === task.id ? { ...x, state } : x)),
    said: (state) => (state === "done" ? words.finished : words.reopened),
    opposite: () => task.state,
  });
  return (
    <ActionIcon color={open ? "gray" : undefined} aria-label={open ? words.finish(task.title) : words.reopen(task.title)} onClick={() => set.run(open ? "done" : "open")}>
      {open ? <IconCircle size={20} /> : <IconCircleCheck size={20} />}
    </ActionIcon>
  );
}
