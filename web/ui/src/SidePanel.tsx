import { Drawer, useDirection } from "@mantine/core";
import type { ReactNode } from "react";
import { uiStrings } from "./strings.ts";

/** A drawer at the end of the line of reading. */
export function SidePanel(props: { opened: boolean; onClose: () => void; title: ReactNode; children: ReactNode; size?: string }) {
  const { dir } = useDirection();
  return (
    <Drawer
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      size={props.size ?? "34rem"}
      position={dir === "rtl" ? "left" : "right"}
      closeButtonProps={{ "aria-label": uiStrings.close }}
    >
      {props.children}
    </Drawer>
  );
}
