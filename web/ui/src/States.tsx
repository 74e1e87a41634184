import { Button, Skeleton } from "@mantine/core";
import type { ComponentType, ReactNode } from "react";
import { IconAlertTriangle, IconRefresh } from "./icons.ts";
import classes from "./States.module.css";
import { uiStrings } from "./strings.ts";

type IconType = ComponentType<{ size?: number; stroke?: number; "aria-hidden"?: boolean }>;

/** What a list says when there is nothing in it: why, and what to do next. */
export function EmptyState(props: { icon?: IconType; title: string; children?: ReactNode; action?: ReactNode; compact?: boolean }) {
  const Icon = props.icon;
  return (
    <div className={classes.state} data-compact={props.compact || undefined}>
      {Icon && (
        <span className={classes.badge}>
          <Icon size={22} stroke={1.6} aria-hidden />
        </span>
      )}
      <h2 className={classes.title}>{props.title}</h2>
      {props.children && <div className={classes.text}>{props.children}</div>}
      {props.action && <div className={classes.action}>{props.action}</div>}
    </div>
  );
}

export function ErrorState(props: { title?: string; detail?: string; reference?: string; onRetry?: () => void; compact?: boolean }) {
  return (
    <div className={classes.state} data-compact={props.compact || undefined} role="alert">
      <span className={classes.badge} data-kind="error">
        <IconAlertTriangle size={22} stroke={1.6} aria-hidden />
      </span>
      <h2 className={classes.title}>{props.title ?? uiStrings.errorTitle}</h2>
      <div className={classes.text}>{props.detail ?? uiStrings.errorDetail}</div>
      {props.reference && <code className={classes.reference}>{uiStrings.reference(props.reference)}</code>}
      {props.onRetry && (
        <div className={classes.action}>
          <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={props.onRetry}>
            {uiStrings.retry}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Rows of the height the list will have, so that nothing moves when it arrives. */
export function ListSkeleton({ rows = 6, height = 44, gap = 8 }: { rows?: number; height?: number; gap?: number }) {
  return (
    <div className={classes.skeleton} style={{ gap }} role="status" aria-label={uiStrings.loading}>
      {Array.from({ length: rows }, (_, i) => (
        <Skeleton key={i} height={height} radius="md" />
      ))}
    </div>
  );
}
