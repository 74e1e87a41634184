import { Button } from "@mantine/core";
import { ErrorState, ListSkeleton } from "@parley/ui";
import { IconPlus } from "@parley/ui/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "@/api/problem";
import { queries } from "@/api/queries";
import { lazyDialog } from "@/app/lazyDialog";
import { useCan } from "@/app/session";
import { tt } from "@/strings/tasks";
import { Due } from "./Due.tsx";
import { isOpen } from "./taskState.ts";
import { TaskTick } from "./TaskTick.tsx";
import classes from "./Tasks.module.css";

const TaskDialog = lazyDialog(async () => (await import("./TaskDialog.tsx")).TaskDialog);

const words = tt.tasks;

/** What was promised in a conversation. */
export function ConversationTasks({ conversationId, subject }: { conversationId: string; subject: string }) {
  const may = useCan()("conversations:write");
  const list = useInfiniteQuery(queries.tasks({ conversationId }));
  const [adding, setAdding] = useState(false);
  const items = list.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <>
      {list.isPending ? (
        <ListSkeleton rows={1} height={20} />
      ) : list.isError ? (
        <ErrorState compact detail={explain(list.error)} onRetry={() => void list.refetch()} />
      ) : items.length === 0 ? (
        <p className={classes.muted}>{words.ofConversationEmpty}</p>
      ) : (
        <ul className={classes.list}>
          {items.map((x) => (
            <li key={x.id} className={classes.item} data-done={!isOpen(x) || undefined}>
              {may && <TaskTick task={x} />}
              <span className={classes.text}>
                <span dir="auto">{x.title}</span>
                <span className={classes.small}>
                  {x.ownerName ?? words.nobody}
                  <Due at={x.dueAt} open={isOpen(x)} />
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
      {may && (
        <div>
          <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>
            {words.add}
          </Button>
        </div>
      )}
      <TaskDialog opened={adding} about={{ id: conversationId, subject }} onClose={() => setAdding(false)} />
    </>
  );
}
