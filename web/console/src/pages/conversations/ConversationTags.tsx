import { ActionIcon } from "@mantine/core";
import { Menu, MenuItem } from "@parley/ui";
import { IconTag } from "@parley/ui/icons";
import { useQuery } from "@tanstack/react-query";
import { found, queries, type Tag } from "@/api/found";
import { queries as all } from "@/api/queries";
import type { Conversation } from "@/api/types";
import { useOptimistic } from "@/app/optimistic";
import { useCan } from "@/app/session";
import { vt } from "@/strings/conversations";
import { TagPill } from "./TagPill.tsx";
import classes from "./Tags.module.css";

type Change = { tag: Pick<Tag, "id" | "name" | "color">; has: boolean };

/** The tags of one conversation, shown as chosen at once and taken back where the server refuses. */
export function ConversationTags({ conversation: c }: { conversation: Conversation }) {
  const may = useCan()("conversations:write");
  const tags = useQuery({ ...queries.tags, enabled: may });
  const change = useOptimistic<Change>({
    scope: `tags:${c.id}`,
    run: ({ tag, has }) => (has ? found.tag(c.id, tag.id) : found.untag(c.id, tag.id)),
    touches: [all.conversation(c.id).queryKey, ["found"], ["tags"]],
    show: (client, { tag, has }) =>
      client.setQueryData<Conversation>(all.conversation(c.id).queryKey, (old) => old && { ...old, tags: [...old.tags.filter((x) => x.id !== tag.id), ...(has ? [{ id: tag.id, name: tag.name, color: tag.color }] : [])] }),
    said: ({ tag, has }) => (has ? vt.tags.given(tag.name) : vt.tags.taken(tag.name)),
    opposite: ({ tag, has }) => ({ tag, has: !has }),
  });
  const free = (tags.data?.items ?? []).filter((tag) => !c.tags.some((x) => x.id === tag.id));
  return (
    <span className={classes.list} role="group" aria-label={vt.tags.of}>
      {c.tags.map((tag) => (
        <TagPill key={tag.id} tag={tag} onRemove={may ? () => change.run({ tag: tag as Change["tag"], has: false }) : undefined} />
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
            <MenuItem key={tag.id} onSelect={() => change.run({ tag, has: true })}>
              {tag.name}
            </MenuItem>
          ))}
        </Menu>
      )}
    </span>
  );
}
