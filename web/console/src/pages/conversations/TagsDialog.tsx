import { ActionIcon, Button, NativeSelect, TextInput } from "@mantine/core";
import { confirm, Dialog, EmptyState, ErrorState, FormMessage, FormPair, FormStack, ListSkeleton, toasts, useForm } from "@parley/ui";
import { IconSettings, IconTag, IconTrash } from "@parley/ui/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain, formProblem } from "@/api/problem";
import { found, queries, tagColors, type Tag } from "@/api/found";
import { vt } from "@/strings/conversations";
import { TagPill } from "./TagPill.tsx";
import classes from "./Tags.module.css";

const words = vt.tags;

/** Every tag of the team: make, rename, recolour, delete. */
export function TagsDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Dialog opened={opened} onClose={onClose} title={words.title} size="lg">
      <Tags />
    </Dialog>
  );
}

function Tags() {
  const tags = useQuery(queries.tags);
  const client = useQueryClient();
  const [editing, setEditing] = useState<Tag | null>(null);
  const [made, setMade] = useState(0);
  const refresh = () => {
    for (const queryKey of [["tags"], ["found"], ["conversation"]]) void client.invalidateQueries({ queryKey });
  };
  const remove = async (tag: Tag) => {
    if (!(await confirm({ title: words.removeTitle(tag.name), body: words.removeText(tag.conversations), confirm: words.removeYes, danger: true }))) return;
    try {
      await found.removeTag(tag.id);
      toasts.success(words.removed);
      refresh();
    } catch (error) {
      toasts.error(explain(error));
    }
  };
  return (
    <FormStack>
      <p className={classes.text}>{words.text}</p>
      {/* What was made is no unsaved entry any more: the next one begins anew. */}
      <TagForm key={editing?.id ?? made} tag={editing} onDone={() => (setEditing(null), setMade(made + 1), refresh())} />
      {tags.isPending ? (
        <ListSkeleton rows={3} height={40} />
      ) : tags.isError ? (
        <ErrorState compact detail={explain(tags.error)} onRetry={() => void tags.refetch()} />
      ) : tags.data.items.length === 0 ? (
        <EmptyState compact icon={IconTag} title={words.empty}>
          {words.emptyText}
        </EmptyState>
      ) : (
        <ul className={classes.rows}>
          {tags.data.items.map((tag) => (
            <li key={tag.id} className={classes.row}>
              <TagPill tag={tag} />
              <span className={classes.used}>{words.used(tag.conversations)}</span>
              <ActionIcon variant="subtle" color="gray" aria-label={words.edit(tag.name)} title={words.edit(tag.name)} onClick={() => setEditing(tag)}>
                <IconSettings size={16} />
              </ActionIcon>
              <ActionIcon variant="subtle" color="gray" aria-label={words.remove(tag.name)} title={words.remove(tag.name)} onClick={() => void remove(tag)}>
                <IconTrash size={16} />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
    </FormStack>
  );
}

function TagForm({ tag, onDone }: { tag: Tag | null; onDone: () => void }) {
  const form = useForm({
    initial: { name: tag?.name ?? "", color: tag?.color ?? ("gray" as string) },
    validate: (v) => (v.name.trim() ? {} : { name: words.nameMissing }),
    submit: async (v) => {
      const body = { name: v.name.trim(), color: v.color };
      await (tag ? found.changeTag(tag.id, body) : found.addTag(body));
      toasts.success(tag ? words.changed : words.added);
      onDone();
    },
    problem: formProblem,
  });
  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={form.message} />
        <FormPair>
          <TextInput {...form.text("name")} label={words.name} maxLength={40} autoComplete="off" data-autofocus />
          <NativeSelect label={words.color} value={form.values.color} error={form.errors.color} onChange={(e) => form.set("color", e.currentTarget.value)} data={tagColors.map((value) => ({ value, label: words.colors[value] ?? value }))} />
        </FormPair>
        <div>
          <Button type="submit" loading={form.pending}>
            {tag ? words.change : words.add}
          </Button>
        </div>
      </FormStack>
    </form>
  );
}
