import { ActionIcon } from "@mantine/core";
import { Menu, MenuDivider, MenuItem, MenuLink } from "@parley/ui";
import { IconDots, IconPlayerPause, IconPlayerPlay, IconRefresh, IconSettings, IconTrash } from "@parley/ui/icons";
import { Link } from "@tanstack/react-router";
import type { Source } from "@/api/types";
import { kt } from "@/strings/knowledge";
import { useSourceActions } from "./useSourceActions.ts";

const words = kt.knowledge.actions;

export function SourceMenu({ source }: { source: Source }) {
  const act = useSourceActions(source);
  return (
    <Menu
      align="end"
      trigger={(trigger) => (
        <ActionIcon aria-label={words.menu(source.name)} {...trigger}>
          <IconDots size={16} />
        </ActionIcon>
      )}
    >
      {act.website && source.state === "active" && (
        <>
          <MenuItem icon={IconRefresh} onSelect={act.run}>
            {words.run}
          </MenuItem>
          <MenuItem icon={IconPlayerPause} onSelect={act.pause}>
            {words.pause}
          </MenuItem>
        </>
      )}
      {act.website && source.state === "paused" && (
        <MenuItem icon={IconPlayerPlay} onSelect={act.resume}>
          {words.resume}
        </MenuItem>
      )}
      <MenuLink
        icon={IconSettings}
        render={(link, content) => (
          <Link to="/knowledge/sources/$sourceId" params={{ sourceId: source.id }} search={{ tab: "settings" }} {...link}>
            {content}
          </Link>
        )}
      >
        {words.settings}
      </MenuLink>
      {source.kind !== "articles" && (
        <>
          <MenuDivider />
          <MenuItem icon={IconTrash} onSelect={() => void act.remove()}>
            {words.remove}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
