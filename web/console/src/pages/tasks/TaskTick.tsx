import { ActionIcon } from "@mantine/core";
import { toasts } from "@parley/ui";
import { IconCircle, IconCircleCheck } from "@parley/ui/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import * as api from "@/api/calls";
import { explain } from "@/api/problem";
import type { Task, TaskState } from "@/api/types";
import { t } from "@/strings";
import { tt } from "@/strings/tasks";
import { isOpen } from "./taskState.ts";

const words = tt.tasks;

/** Done, or open again, in one press; what was pressed by mistake is undone. */
export function TaskTick({ task }: { task: Task }) {
  const client = useQueryClient();
  const open = isOpen(task);
  const set = useMutation({
    mutationFn: (state: TaskState) => api.tasks.change(task.id, { state }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["tasks"] }),
    onError: (e) => toasts.error(explain(e)),
  });
  const press = () =>
    set.mutate(open ? "done" : "open", {
      onSuccess: () => toasts.success(open ? words.finished : words.reopened, { label: t.undo, run: () => set.mutate(task.state) }),
    });
  return (
    <ActionIcon color={open ? "gray" : undefined} aria-label={open ? words.finish(task.title) : words.reopen(task.title)} loading={set.isPending} onClick={press}>
      {open ? <IconCircle size={20} /> : <IconCircleCheck size={20} />}
    </ActionIcon>
  );
}
