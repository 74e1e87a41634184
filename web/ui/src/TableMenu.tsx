import { ActionIcon } from "@mantine/core";
import { fileRows } from "./cellText.ts";
import type { Column } from "./DataTable.tsx";
import classes from "./DataTable.module.css";
import { IconAdjustmentsHorizontal, IconDownload, IconRefresh } from "./icons.ts";
import { Menu, MenuCheck, MenuDivider, MenuItem } from "./Menu.tsx";
import { uiStrings } from "./strings.ts";
import { isChosen, mayHide, toggled, type ColumnChoice } from "./tableColumns.ts";
import { useTableSetup } from "./TableSetup.ts";

type Props<T> = {
  label: string;
  columns: readonly Column<T>[];
  shown: readonly Column<T>[];
  choice: ColumnChoice;
  choose: (choice: ColumnChoice) => void;
  /** Reads what the file holds; none where there is nothing to save. */
  read: (() => Promise<{ rows: readonly T[]; whole: boolean }>) | undefined;
};

const words = uiStrings.table;

/** Which columns are seen, and the way to a file of them. */
export function TableMenu<T>({ label, columns, shown, choice, choose, read }: Props<T>) {
  const setup = useTableSetup();
  const choosable = columns.filter((c) => mayHide(columns, c));
  const save = () => {
    if (!read) return;
    setup.save(label, async () => {
      const { rows, whole } = await read();
      return { rows: fileRows(shown, rows), whole };
    });
  };
  return (
    <div className={classes.tools}>
      <Menu
        align="end"
        header={<div className={classes.toolsHead}>{words.columns}</div>}
        trigger={(trigger) => (
          <ActionIcon size="sm" variant="subtle" color="gray" aria-label={words.options(label)} title={words.options(label)} {...trigger}>
            <IconAdjustmentsHorizontal size={15} />
          </ActionIcon>
        )}
      >
        {choosable.map((c) => (
          <MenuCheck key={c.id} checked={shown.includes(c)} onToggle={() => choose(toggled(columns, choice, c.id))}>
            {c.header}
          </MenuCheck>
        ))}
        {isChosen(choice) && (
          <MenuItem icon={IconRefresh} onSelect={() => choose({ off: [], on: [] })}>
            {words.reset}
          </MenuItem>
        )}
        {read && (
          <>
            {choosable.length > 0 && <MenuDivider />}
            <MenuItem icon={IconDownload} onSelect={save}>
              {words.export}
            </MenuItem>
          </>
        )}
      </Menu>
    </div>
  );
}
