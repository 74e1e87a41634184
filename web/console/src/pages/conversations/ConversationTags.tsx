import { ActionIcon } from "@mantine/core";
import { Menu, MenuItem, toasts } from "@parley/ui";
import { IconTag } from "@parley/ui/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { found, queries, type Tag } from "@/api/found";
import { explain } from "@/api/problem";
import { queries as all } from "@/api/queries";
import type { Conversation } from "@/api/types";
import { useCan } from "@/app/session";
import { vt } from "@/strings/conversations";
import { TagPill } from "./TagPill.tsx";
import classes from "./Tags.module.css";

type Change = { tag: Pick<Tag, "id" | "name" | "color">; has: boolean };

/** The tags of one conversation, shown as chosen at once and taken back where the server refuses. */
export function ConversationTags({ conversation: c }: { conversation: Conversation }) {
  const may = useCan()("conversations:write");
  const client = useQueryClient();
  const key = all.conversation(c.id).queryKey;
  const tags = useQuery({ ...queries.tags, enabled: may });
  const change = useMutation({
    mutationFn: ({ tag, has }: Change) => (has ? found.tag(c.id, tag.id) : found.untag(c.id, tag.id)),
    onMutate: ({ tag, has }) => {
      const before = client.getQueryData<Conversation>(key);
      client.setQueryData<Conversation>(key, (old) => old && { ...old, tags: [...old.tags.filter((x) => x.id !== tag.id), ...(has ? [{ id: tag.id, name: tag.name, color: tag.color }] : [])] });
      return before;
    },
    onError: (error, _, before) => {
      client.setQueryData(key, before);
      toasts.error(explain(error));
    },
    onSettled: () => {
      for (const queryKey of [["found"], ["tags"]]) void client.invalidateQueries({ queryKey });
    },
  });
  const free = (tags.data?.items ?? []).filter((tag) => !c.tags.some((x) => x.id === tag.id));
  return (
    <span className={classes.list} role="group" aria-label={vt.tags.of}>
      {c.tags.map((tag) => (
        <TagPill key={tag.id} tag={tag} onRemove={may ? () => change.mutate({ tag: tag as Change["tag"], has: false }) : undefined} />
      ))}
      {may && (
        <Menu
          header={free.length === 0 ? vt.tags.assignNone : undefined}
          trigger={(props) => (
            <ActionIcon {...props} size="sm" variant="subtle" color="gray" aria-label={vt.tags.assign} title={vt.tags.assign}>
              <IconTag size={15} />
            </ActionIcon>
          )}
        >
          {free.map((tag) => (
            <MenuItem key={tag.id} onSelect={() => change.mutate({ tag, has: true })}>
              {tag.name}
            </MenuItem>
          ))}
        </Menu>
      )}
    </span>
  );
}
