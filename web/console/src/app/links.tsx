import { ActionIcon, Button, type ActionIconProps, type ButtonProps } from "@mantine/core";
import { Tab } from "@parley/ui";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

type Anchor<P> = P & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof P> & { ref?: Ref<HTMLAnchorElement> };

function ButtonAnchor(props: Anchor<ButtonProps>) {
  return <Button component="a" {...props} />;
}

function IconAnchor(props: Anchor<ActionIconProps>) {
  return <ActionIcon component="a" {...props} />;
}

/** Links that look like buttons, with addresses checked against the routes. */
export const ButtonLink = createLink(ButtonAnchor);
export const IconLink = createLink(IconAnchor);
export const TabLink = createLink(Tab);
