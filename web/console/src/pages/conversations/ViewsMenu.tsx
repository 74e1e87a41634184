import { Button } from "@mantine/core";
import { confirm, Menu, MenuDivider, MenuItem, toasts } from "@parley/ui";
import { IconBookmark, IconCheck, IconChevronDown, IconHome, IconList, IconPlus, IconRefresh, IconSettings, IconTrash, IconUsers } from "@parley/ui/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "@/api/problem";
import { filterOf, found, queries, sameFilter, type View } from "@/api/found";
import { lazyDialog } from "@/app/lazyDialog";
import { useCan } from "@/app/session";
import type { Filter } from "@/lib/filterNames";
import { vt } from "@/strings/conversations";
import classes from "./ConversationsPage.module.css";

const ViewDialog = lazyDialog(async () => (await import("./ViewDialog.tsx")).ViewDialog);

const words = vt.views;

type Props = { filter: Filter; open: (filter: Filter) => void; /** The view opened last, which the filters may have left since. */ last: string | undefined; onLast: (id: string | undefined) => void };

/** Saved filters: one's own and the team's. */
export function ViewsMenu({ filter, open, last, onLast }: Props) {
  const views = useQuery(queries.views).data?.items ?? [];
  const may = useCan()("conversations:write");
  const client = useQueryClient();
  const [dialog, setDialog] = useState<{ view: View | null } | null>(null);
  const current = views.find((v) => v.id === last && sameFilter(filterOf(v), filter)) ?? views.find((v) => sameFilter(filterOf(v), filter));
  const left = current ? undefined : views.find((v) => v.id === last);
  const none = sameFilter(filter, {});
  const refresh = () => void client.invalidateQueries({ queryKey: ["views"] });
  const attempt = async (work: Promise<unknown>, done: string) => {
    try {
      await work;
      toasts.success(done);
    } catch (error) {
      toasts.error(explain(error));
    }
    refresh();
  };
  const remove = async (v: View) => {
    if (await confirm({ title: words.removeTitle(v.name), body: words.removeText, confirm: words.remove, danger: true })) await attempt(found.removeView(v.id), words.removed);
  };
  const entry = (v: View) => (
    <MenuItem key={v.id} icon={v.shared ? IconUsers : IconBookmark} end={v.id === current?.id ? <IconCheck size={14} aria-hidden /> : undefined} onSelect={() => (onLast(v.id), open(filterOf(v)))}>
      {v.name}
    </MenuItem>
  );
  const [own, team] = [views.filter((v) => !v.shared), views.filter((v) => v.shared)];
  return (
    <>
      <Menu
        width={288}
        trigger={(props) => (
          <Button {...props} variant="default" className={classes.views} leftSection={<IconBookmark size={16} />} rightSection={<IconChevronDown size={14} />} aria-label={`${words.title}: ${current?.name ?? (none ? words.all : words.custom)}`}>
            {current?.name ?? (none ? words.all : words.custom)}
          </Button>
        )}
      >
        <MenuItem icon={IconList} end={none ? <IconCheck size={14} aria-hidden /> : undefined} onSelect={() => (onLast(undefined), open({}))}>
          {words.all}
        </MenuItem>
        {own.length > 0 && <div className={classes.group}>{words.own}</div>}
        {own.map(entry)}
        {team.length > 0 && <div className={classes.group}>{words.team}</div>}
        {team.map(entry)}
        {!none && (
          <>
            <MenuDivider />
            {left && may && (
              <MenuItem icon={IconRefresh} onSelect={() => void attempt(found.changeView(left.id, { filter }), words.saved)}>
                {words.update}
              </MenuItem>
            )}
            {!current && may && (
              <MenuItem icon={IconPlus} onSelect={() => setDialog({ view: null })}>
                {words.save}
              </MenuItem>
            )}
            {current && (
              <MenuItem icon={IconHome} onSelect={() => void attempt(current.default ? found.endDefaultView(current.id) : found.setDefaultView(current.id), words.saved)}>
                {current.default ? words.endDefault : words.makeDefault}
              </MenuItem>
            )}
            {current && may && (
              <>
                <MenuItem icon={IconSettings} onSelect={() => setDialog({ view: current })}>
                  {words.rename}
                </MenuItem>
                <MenuItem icon={IconTrash} onSelect={() => void remove(current)}>
                  {words.remove}
                </MenuItem>
              </>
            )}
          </>
        )}
      </Menu>
      <ViewDialog
        opened={dialog !== null}
        view={dialog?.view ?? null}
        filter={filter}
        onClose={() => setDialog(null)}
        onSaved={(v) => {
          onLast(v.id);
          refresh();
        }}
      />
    </>
  );
}
