import { Button } from "@mantine/core";
import { Menu, MenuItem } from "@parley/ui";
import { IconAlertTriangle, IconArchive, IconArrowBackUp, IconCheck, IconTag, IconUser, IconX } from "@parley/ui/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { found, queries, type Acted, type Action, type Found } from "@/api/found";
import { queries as all } from "@/api/queries";
import { inPages, useOptimistic } from "@/app/optimistic";
import { useCan } from "@/app/session";
import { vt } from "@/strings/conversations";
import { acted, opposites, shownIn, type Act } from "./bulk.ts";
import classes from "./ConversationsPage.module.css";

const words = vt.bulk;

/** What is done with all that is selected. What could not be done is named, and stays selected. */
export function BulkBar({ selected, onChange }: { selected: ReadonlyMap<string, string>; onChange: (ids: readonly string[]) => void }) {
  const can = useCan();
  const client = useQueryClient();
  const [failed, setFailed] = useState<Acted["failed"]>([]);
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  const tags = useQuery(queries.tags).data?.items ?? [];
  const mayAssign = can("handoffs:write") && can("members:read");
  const members = useQuery({ ...all.members, enabled: mayAssign }).data?.items ?? [];
  const act = useOptimistic<Act[], Acted>({
    scope: "bulk",
    run: async (acts) => {
      const all: Acted = { done: [], failed: [] };
      for (const { ids, action } of acts) {
        const { done, failed } = await found.act([...ids], action);
        all.done.push(...done);
        all.failed.push(...failed);
      }
      return all;
    },
    touches: [["found"], ["found-count"], ["conversations"], ["conversation"], ["tags"]],
    show: (client, acts) => {
      const known = { tags, agents: members };
      inPages<Found>(client, ["found"], (x) => acts.reduce((y, { ids, action }) => (ids.includes(y.conversation.id) ? { ...y, conversation: acted(y.conversation, action, known) } : y), x));
    },
    said: (acts) => words.done(new Set(acts.flatMap((a) => a.ids)).size),
    opposite: (acts) => opposites(acts, shownIn(client)),
    done: (result, acts) => {
      setNames(selected);
      setFailed(result.failed);
      // What was taken back stays selected no more than what was done.
      const ids = acts.flatMap((a) => a.ids);
      onChange(result.failed.map((f) => f.conversationId).filter((id) => ids.includes(id)));
    },
  });
  const run = (action: Action) => act.run([{ ids: [...selected.keys()], action }]);
  const busy = act.pending;
  return (
    <div className={classes.bulk} role="region" aria-label={words.bar}>
      <div className={classes.actions}>
        <strong aria-live="polite">{words.selected(selected.size)}</strong>
        {mayAssign && <Choose label={words.assign} icon={<IconUser size={16} />} disabled={busy} options={members.map((m) => [m.userId, m.name])} onChoose={(agentId) => run({ action: "assign", agentId })} />}
        <Choose label={words.tag} icon={<IconTag size={16} />} disabled={busy} options={tags.map((tag) => [tag.id, tag.name])} none={vt.tags.empty} onChoose={(tagId) => run({ action: "tag", tagId })} />
        <Choose label={words.untag} icon={<IconX size={16} />} disabled={busy} options={tags.map((tag) => [tag.id, tag.name])} none={vt.tags.empty} onChoose={(tagId) => run({ action: "untag", tagId })} />
        <Choose
          label={words.close}
          icon={<IconArchive size={16} />}
          disabled={busy}
          options={[
            ["yes", words.closeYes],
            ["no", words.closeNo],
          ]}
          onChoose={(solved) => run({ action: "close", resolved: solved === "yes" })}
        />
        <Button size="sm" variant="default" leftSection={<IconArrowBackUp size={16} />} disabled={busy} onClick={() => run({ action: "reopen" })}>
          {words.reopen}
        </Button>
        <Button size="sm" variant="subtle" color="gray" disabled={busy} onClick={() => (setFailed([]), onChange([]))}>
          {words.clear}
        </Button>
      </div>
      {failed.length > 0 && (
        <div className={classes.failed} role="alert">
          <p>
            <IconAlertTriangle size={15} aria-hidden /> {words.failed(failed.length)}
          </p>
          <ul>
            {failed.map((f) => (
              <li key={f.conversationId}>
                <span dir="auto">{names.get(f.conversationId) ?? f.conversationId}</span>: {f.message}
              </li>
            ))}
          </ul>
          <Button size="compact-sm" variant="subtle" color="gray" leftSection={<IconCheck size={14} />} onClick={() => setFailed([])}>
            {words.dismiss}
          </Button>
        </div>
      )}
    </div>
  );
}

function Choose(props: { label: string; icon: React.ReactNode; disabled: boolean; options: readonly (readonly [string, string])[]; none?: string; onChoose: (value: string) => void }) {
  return (
    <Menu
      header={props.options.length === 0 ? props.none : undefined}
      trigger={(trigger) => (
        <Button {...trigger} size="sm" variant="default" leftSection={props.icon} disabled={props.disabled}>
          {props.label}
        </Button>
      )}
    >
      {props.options.map(([value, text]) => (
        <MenuItem key={value} onSelect={() => props.onChoose(value)}>
          {text}
        </MenuItem>
      ))}
    </Menu>
  );
}
