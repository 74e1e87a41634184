import { ActionIcon, Button, TextInput } from "@mantine/core";
import { confirm, Dialog, EmptyState, ErrorState, FormMessage, FormStack, ListSkeleton, toasts, useForm } from "@parley/ui";
import { IconFolders, IconTrash } from "@parley/ui/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { explain, formProblem } from "@/api/problem";
import type { Collection } from "@/api/types";
import * as kb from "@/api/knowledge";
import { kt } from "@/strings/knowledge";
import classes from "./Articles.module.css";

const words = kt.articles.collections;

/** The shelves on which articles stand. Taking one away leaves its articles. */
export function CollectionsDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const list = useQuery(kb.queries.collections);
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: kb.queries.collections.queryKey }), client.invalidateQueries({ queryKey: ["articles"] })]);
  const remove = useMutation({
    mutationFn: (c: Collection) => kb.articles.removeCollection(c.id),
    onSuccess: async (_, c) => {
      toasts.success(words.removed(c.name));
      await refresh();
    },
    onError: (e) => toasts.error(explain(e)),
  });
  const ask = async (c: Collection) => {
    if (await confirm({ title: words.removeTitle(c.name), body: words.removeText, confirm: words.remove, danger: true })) remove.mutate(c);
  };
  const form = useForm({
    initial: { name: "" },
    validate: (v) => (v.name.trim() ? {} : { name: words.nameMissing }),
    submit: async (v) => {
      await kb.articles.addCollection({ name: v.name.trim(), description: "" });
      form.set("name", "");
      await refresh();
    },
    problem: formProblem,
  });
  return (
    <Dialog opened={opened} onClose={onClose} title={words.title} size="lg">
      <FormStack>
        {list.isPending ? (
          <ListSkeleton rows={3} />
        ) : list.isError ? (
          <ErrorState compact detail={explain(list.error)} onRetry={() => void list.refetch()} />
        ) : list.data.items.length === 0 ? (
          <EmptyState compact icon={IconFolders} title={words.empty}>
            {words.emptyText}
          </EmptyState>
        ) : (
          <ul className={classes.collections}>
            {list.data.items.map((c) => (
              <CollectionRow key={`${c.id}:${c.name}`} c={c} onRemove={() => void ask(c)} onSaved={() => void refresh()} />
            ))}
          </ul>
        )}
        <form {...form.formProps}>
          <FormMessage text={form.message} />
          <div className={classes.inlineForm}>
            <TextInput {...form.text("name")} aria-label={words.name} placeholder={words.name} maxLength={200} autoComplete="off" data-autofocus />
            <Button type="submit" variant="default" loading={form.pending}>
              {words.add}
            </Button>
          </div>
        </form>
      </FormStack>
    </Dialog>
  );
}

function CollectionRow({ c, onRemove, onSaved }: { c: Collection; onRemove: () => void; onSaved: () => void }) {
  const form = useForm({
    initial: { name: c.name },
    validate: (v) => (v.name.trim() ? {} : { name: words.nameMissing }),
    submit: async (v) => {
      await kb.articles.changeCollection(c.id, { name: v.name.trim(), description: c.description });
      onSaved();
    },
    problem: formProblem,
  });
  return (
    <li>
      <form {...form.formProps} className={classes.inlineForm}>
        <TextInput {...form.text("name")} aria-label={words.nameOf(c.name)} maxLength={200} autoComplete="off" dir="auto" />
        <span className={classes.muted}>{words.articles(c.articles)}</span>
        {form.values.name.trim() !== c.name && (
          <Button type="submit" variant="default" loading={form.pending}>
            {words.rename}
          </Button>
        )}
        <ActionIcon aria-label={words.removeTitle(c.name)} title={words.remove} onClick={onRemove}>
          <IconTrash size={16} />
        </ActionIcon>
      </form>
    </li>
  );
}
