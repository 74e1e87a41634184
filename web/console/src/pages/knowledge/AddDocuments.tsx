import { Button } from "@mantine/core";
import { Menu, MenuDivider, MenuItem, MenuLink } from "@parley/ui";
import { IconChevronDown, IconFileText, IconFiles, IconFolderUp, IconPlus, IconWorld } from "@parley/ui/icons";
import { Link } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { extensions, readInput, type Dropped } from "@/lib/upload";
import { lazyDialog } from "@/app/lazyDialog";
import { kt } from "@/strings/knowledge";
import { useDrop } from "./useDrop.tsx";

const ImportDialog = lazyDialog(async () => (await import("./ImportDialog.tsx")).ImportDialog);

/** The button, the two file choosers behind it, the drop target and the dialog they all lead to. */
export function useAddDocuments(options: { enabled: boolean; sourceId?: string }) {
  const [files, setFiles] = useState<Promise<Dropped[]> | null>(null);
  const folder = useRef<HTMLInputElement>(null);
  const single = useRef<HTMLInputElement>(null);
  const overlay = useDrop(setFiles, options.enabled && files === null);

  const chosen = (input: HTMLInputElement) => {
    if (input.files?.length) setFiles(Promise.resolve(readInput(input.files)));
  };
  const clear = () => {
    setFiles(null);
    for (const input of [folder.current, single.current]) if (input) input.value = "";
  };

  const button = (label: string, variant: "filled" | "default" = "filled") => (
    <Menu
      align="end"
      trigger={(trigger) => (
        <Button variant={variant} leftSection={<IconPlus size={16} />} rightSection={<IconChevronDown size={16} />} {...trigger}>
          {label}
        </Button>
      )}
    >
      <MenuItem icon={IconFolderUp} onSelect={() => folder.current?.click()}>
        {kt.knowledge.addFolder}
      </MenuItem>
      <MenuItem icon={IconFiles} onSelect={() => single.current?.click()}>
        {kt.knowledge.addFiles}
      </MenuItem>
      {!options.sourceId && (
        <>
          <MenuDivider />
          <MenuLink
            icon={IconWorld}
            render={(link, content) => (
              <Link to="/knowledge/websites/new" {...link}>
                {content}
              </Link>
            )}
          >
            {kt.knowledge.addWebsite}
          </MenuLink>
          <MenuLink
            icon={IconFileText}
            render={(link, content) => (
              <Link to="/knowledge/articles/$articleId" params={{ articleId: "new" }} search={{}} {...link}>
                {content}
              </Link>
            )}
          >
            {kt.knowledge.addArticle}
          </MenuLink>
        </>
      )}
    </Menu>
  );
  const rest = (
    <>
      {overlay}
      <input ref={folder} type="file" multiple hidden data-kind="folder" {...{ webkitdirectory: "" }} onChange={(e) => chosen(e.currentTarget)} />
      <input ref={single} type="file" multiple hidden data-kind="files" accept={extensions.map((x) => `.${x}`).join(",")} onChange={(e) => chosen(e.currentTarget)} />
      <ImportDialog opened={files !== null} files={files} sourceId={options.sourceId} onClose={clear} />
    </>
  );
  return { button, rest };
}
