import { Button } from "@mantine/core";
import { type Column, DataTable, EmptyState, Page, PageHeader, PersonAvatar, Pill, RelativeTime, RowName, Segmented } from "@parley/ui";
import { IconChecklist, IconPlus } from "@parley/ui/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { queries } from "@/api/queries";
import type { Task } from "@/api/types";
import { lazyDialog } from "@/app/lazyDialog";
import { useCan, useSession } from "@/app/session";
import { tableOf } from "@/app/tableOf";
import { label } from "@/lib/labels";
import { tt } from "@/strings/tasks";
import { Due } from "./Due.tsx";
import { isOpen } from "./taskState.ts";
import { TaskTick } from "./TaskTick.tsx";
import classes from "./Tasks.module.css";

const TaskDialog = lazyDialog(async () => (await import("./TaskDialog.tsx")).TaskDialog);

const words = tt.tasks;
type View = keyof typeof filters;

const unfinished = { state: "open,in_progress", order: "due" };
const filters = {
  mine: (me: string) => ({ ...unfinished, ownerId: me }),
  open: () => unfinished,
  overdue: () => ({ overdue: true, order: "due" }),
  done: () => ({ state: "done,cancelled" }),
};

/** What people have to do: theirs, everybody's, what is late, what is done. */
export function TasksPage() {
  const { view = "mine" } = useSearch({ from: "/tasks" });
  const navigate = useNavigate({ from: "/tasks" });
  const { user } = useSession();
  const may = useCan()("conversations:write");
  const query = queries.tasks(filters[view](user.id));
  const list = useInfiniteQuery(query);
  const [editing, setEditing] = useState<Task | null>(null);
  const [adding, setAdding] = useState(false);
  const add = may && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      {words.add}
    </Button>
  );
  return (
    <Page>
      <PageHeader title={words.title} description={words.description} actions={add} />
      <div className={classes.filter}>
        <Segmented
          aria-label={words.which}
          value={view}
          onChange={(v) => void navigate({ search: v === "mine" ? {} : { view: v as View }, replace: true })}
          data={Object.entries(words.views).map(([value, text]) => ({ value, label: text }))}
        />
      </div>
      <DataTable
        label={words.title}
        columns={columns(may, setEditing, view === "done")}
        {...tableOf(list, query)}
        rowId={(x) => x.id}
        empty={
          <EmptyState icon={IconChecklist} title={words.empty[view] ?? ""}>
            {words.emptyText[view]}
          </EmptyState>
        }
      />
      <TaskDialog key={editing?.id} opened={adding || editing !== null} task={editing} onClose={() => (setAdding(false), setEditing(null))} />
    </Page>
  );
}

const columns = (may: boolean, edit: (task: Task) => void, done: boolean): Column<Task>[] => [
  {
    id: "title",
    header: words.columns.title,
    main: true,
    cell: (x) => (
      <div className={classes.task}>
        {may && <TaskTick task={x} />}
        <RowName
          wraps
          sub={
            x.conversationId && (
              <Link to="/conversations/$conversationId" params={{ conversationId: x.conversationId }} search={{}} className={classes.about}>
                {x.conversationSubject ?? words.conversation}
              </Link>
            )
          }
        >
          {may ? (
            <button type="button" dir="auto" onClick={() => edit(x)}>
              {x.title}
            </button>
          ) : (
            <span dir="auto">{x.title}</span>
          )}
        </RowName>
      </div>
    ),
  },
  {
    id: "owner",
    header: words.columns.owner,
    cell: (x) =>
      x.ownerName === null ? (
        <span className={classes.muted}>{words.nobody}</span>
      ) : (
        <span className={classes.owner}>
          <PersonAvatar name={x.ownerName} kind="agent" size={24} />
          {x.ownerName}
        </span>
      ),
  },
  { id: "state", header: words.columns.state, cell: (x) => <Pill tone={x.state === "in_progress" ? "info" : x.state === "done" ? "success" : "neutral"}>{label(words.states, x.state)}</Pill> },
  { id: "due", header: words.columns.due, align: "end", labelled: true, optional: done, text: (x) => x.dueAt, cell: (x) => <Due at={x.dueAt} open={isOpen(x)} /> },
  { id: "updated", header: words.columns.updated, align: "end", labelled: true, optional: !done, cell: (x) => <RelativeTime short at={x.updatedAt} /> },
];
