import { ActionIcon, Button } from "@mantine/core";
import { Card, Hint, Menu, MenuItem, RelativeTime } from "@parley/ui";
import { IconDots, IconPlayerPause, IconPlayerPlay, IconRefresh } from "@parley/ui/icons";
import type { ReactNode } from "react";
import type { Source } from "@/api/types";
import { ButtonLink } from "@/app/links";
import { t } from "@/strings";
import { kt } from "@/strings/knowledge";
import { Attention } from "./Attention.tsx";
import { CanaryPill } from "./CanaryPill.tsx";
import classes from "./Knowledge.module.css";
import { SourceHealth } from "./SourceHealth.tsx";
import { isUnfinished } from "./importState.ts";
import { isFailing, useCanaries } from "./useCanary.ts";
import { useSourceActions } from "./useSourceActions.ts";

const words = kt.knowledge;

export function WebsiteActions({ source }: { source: Source }) {
  const act = useSourceActions(source);
  const running = source.lastImport !== null && isUnfinished(source.lastImport.state);
  if (source.state === "paused")
    return (
      <Button leftSection={<IconPlayerPlay size={16} />} loading={act.pending} onClick={act.resume}>
        {words.actions.resume}
      </Button>
    );
  return (
    <>
      <Button variant="default" leftSection={<IconPlayerPause size={16} />} disabled={act.pending} onClick={act.pause}>
        {words.actions.pause}
      </Button>
      <Button leftSection={<IconRefresh size={16} />} loading={act.pending} disabled={running} onClick={act.run}>
        {words.actions.run}
      </Button>
      <Menu
        align="end"
        trigger={(trigger) => (
          <ActionIcon variant="default" aria-label={words.actions.menu(source.name)} {...trigger}>
            <IconDots size={16} />
          </ActionIcon>
        )}
      >
        <MenuItem icon={IconRefresh} onSelect={() => void act.runAccepting()}>
          {words.actions.runAccepting}
        </MenuItem>
      </Menu>
    </>
  );
}

export function ArticlesLink() {
  return (
    <ButtonLink to="/knowledge/articles" search={{}} variant="default">
      {words.articles}
    </ButtonLink>
  );
}

/** How fresh a source is, and what is wrong with it; always there, so that nothing below moves. */
export function Freshness({ source: s }: { source: Source }) {
  const f = s.freshness;
  const canary = useCanaries().get(s.id);
  return (
    <Card>
      {f.failingSince && f.failure && (
        <div className={classes.failure}>
          <Hint tone="danger">{f.failure}</Hint>
        </div>
      )}
      <dl className={classes.facts} aria-label={words.freshness.title}>
        <Fact name={words.columns.state}>
          <SourceHealth source={f.failure ? { ...s, freshness: { ...f, failure: null } } : s} canary={canary} />
        </Fact>
        <Fact name={words.columns.changed}>{f.changedAt ? <RelativeTime at={f.changedAt} /> : t.never}</Fact>
        <Fact name={words.columns.lastRun}>{f.lastRunAt ? <RelativeTime at={f.lastRunAt} /> : t.never}</Fact>
        {s.kind === "website" && (
          <>
            <Fact name={words.columns.nextRun}>{f.nextRunAt && s.state === "active" ? <RelativeTime at={f.nextRunAt} /> : words.schedule.none}</Fact>
            {f.scheduleHours !== null && <Fact name={words.schedule.label}>{words.schedule.every(f.scheduleHours)}</Fact>}
            <Fact name={words.freshness.pagesFailing}>{t.number(f.pagesFailing)}</Fact>
            <Fact name={words.freshness.pagesGone}>{t.number(f.pagesGone)}</Fact>
          </>
        )}
        {f.orphaned > 0 && (
          <Fact name={words.freshness.orphaned}>
            <span title={words.freshness.orphanedText}>{t.number(f.orphaned)}</span>
          </Fact>
        )}
        {f.duplicates + f.contradictions > 0 && (
          <Fact name={words.findings.title}>
            <Attention source={{ ...s, freshness: { ...f, orphaned: 0 } }} />
          </Fact>
        )}
        {canary && !isFailing(canary) && (
          <Fact name={words.canary.title}>
            <CanaryPill canary={canary} />
          </Fact>
        )}
      </dl>
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
