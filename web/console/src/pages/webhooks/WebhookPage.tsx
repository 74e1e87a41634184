import { ActionIcon, Button } from "@mantine/core";
import { Card, confirm, ErrorState, Hint, ListSkeleton, Menu, MenuItem, RelativeTime, toasts } from "@parley/ui";
import { IconBolt, IconDots, IconKey, IconPlayerPause, IconPlayerPlay, IconSettings, IconTrash } from "@parley/ui/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { explain, Problem } from "@/api/problem";
import { webhookQueries, webhooks, type Webhook } from "@/api/webhooks";
import { lazyDialog } from "@/app/lazyDialog";
import { useCan } from "@/app/session";
import { SecretDialog, type Secret } from "@/pages/settings/SecretDialog";
import { Needs } from "@/pages/settings/SettingsPage";
import { t } from "@/strings";
import { wh } from "@/strings/webhooks";
import { Deliveries } from "./Deliveries.tsx";
import classes from "./Webhooks.module.css";
import { WebhookState } from "./WebhookState.tsx";

const WebhookDialog = lazyDialog(async () => (await import("./WebhookDialog.tsx")).WebhookDialog);
const SwitchOnDialog = lazyDialog(async () => (await import("./SwitchOnDialog.tsx")).SwitchOnDialog);
const words = wh.webhooks;

/** One webhook: how it does, what can be done about it, and what was sent. */
export function WebhookPage() {
  return (
    <Needs permission="webhooks:read">
      <OneWebhook />
    </Needs>
  );
}

function OneWebhook() {
  const { webhookId } = useParams({ from: "/settings/webhooks/$webhookId" });
  const webhook = useQuery(webhookQueries.one(webhookId));
  return (
    <div className={classes.stack}>
      <Link to="/settings/webhooks" className={classes.back}>
        {words.back}
      </Link>
      {webhook.isPending ? (
        <ListSkeleton rows={3} height={120} gap={16} />
      ) : webhook.isError ? (
        <Card>
          <ErrorState
            detail={webhook.error instanceof Problem && webhook.error.status === 404 ? words.gone : explain(webhook.error)}
            onRetry={() => void webhook.refetch()}
          />
        </Card>
      ) : (
        <>
          <Head webhook={webhook.data} />
          <Facts webhook={webhook.data} />
          <Deliveries webhook={webhook.data} />
        </>
      )}
    </div>
  );
}

function Head({ webhook: w }: { webhook: Webhook }) {
  const may = useCan()("webhooks:write");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [opened, setOpened] = useState<"change" | "switch-on" | null>(null);
  const [secret, setSecret] = useState<Secret | null>(null);
  const again = () => client.invalidateQueries({ queryKey: webhookQueries.all.queryKey });
  const failed = (e: Error) => toasts.error(explain(e));
  const test = useMutation({
    mutationFn: () => webhooks.test(w.id),
    onSuccess: (d) => {
      const attempt = d.attemptLog[0];
      if (d.state === "delivered") toasts.success(words.testOk(d.lastStatus ?? 0, attempt?.durationMs ?? 0));
      else toasts.error([words.testFailed, d.lastError].filter(Boolean).join(". "));
    },
    onError: failed,
    onSettled: again,
  });
  const change = useMutation({
    mutationFn: (body: { enabled: boolean; skipMissed?: boolean }) => webhooks.change(w.id, body),
    onSuccess: (_, body) => toasts.success(body.enabled ? words.detail.switchedOn : words.detail.switchedOff),
    onError: failed,
    onSettled: again,
  });
  const rotate = useMutation({
    mutationFn: () => webhooks.rotate(w.id),
    onSuccess: (made) => setSecret({ title: words.secret.title, text: words.secret.textRotated, value: made.secret }),
    onError: failed,
    onSettled: again,
  });
  const remove = useMutation({
    mutationFn: () => webhooks.remove(w.id),
    onSuccess: async () => {
      toasts.success(words.detail.removed);
      await navigate({ to: "/settings/webhooks" });
      client.removeQueries({ queryKey: webhookQueries.one(w.id).queryKey });
      void again();
    },
    onError: failed,
  });
  const switchOff = async () => {
    if (await confirm({ title: words.detail.switchOffTitle, body: words.detail.switchOffText, confirm: words.detail.switchOff })) change.mutate({ enabled: false });
  };
  const askRotate = async () => {
    if (await confirm({ title: words.secret.rotateTitle, body: words.secret.rotateText, confirm: words.secret.rotate })) rotate.mutate();
  };
  const askRemove = async () => {
    if (await confirm({ title: words.detail.removeTitle, body: words.detail.removeText, confirm: words.detail.remove, danger: true })) remove.mutate();
  };
  return (
    <div className={classes.heading}>
      <div>
        <h2 dir="ltr">{w.url}</h2>
        {w.description && <p className={classes.muted}>{w.description}</p>}
      </div>
      {may && (
        <div className={classes.actions}>
          {!w.enabled && (
            <Button leftSection={<IconPlayerPlay size={16} />} loading={change.isPending} onClick={() => setOpened("switch-on")}>
              {words.detail.switchOn}
            </Button>
          )}
          <Button variant="default" leftSection={<IconBolt size={16} />} loading={test.isPending} onClick={() => test.mutate()}>
            {words.detail.test}
          </Button>
          <Button variant="default" leftSection={<IconSettings size={16} />} onClick={() => setOpened("change")}>
            {words.detail.edit}
          </Button>
          <Menu
            align="end"
            trigger={(trigger) => (
              <ActionIcon variant="default" size="lg" aria-label={words.detail.menu} {...trigger}>
                <IconDots size={16} />
              </ActionIcon>
            )}
          >
            <MenuItem icon={IconKey} onSelect={() => void askRotate()}>
              {words.secret.rotate}
            </MenuItem>
            {w.enabled && (
              <MenuItem icon={IconPlayerPause} onSelect={() => void switchOff()}>
                {words.detail.switchOff}
              </MenuItem>
            )}
            <MenuItem icon={IconTrash} onSelect={() => void askRemove()}>
              {words.detail.remove}
            </MenuItem>
          </Menu>
        </div>
      )}
      <WebhookDialog key={w.version} opened={opened === "change"} webhook={w} onClose={() => setOpened(null)} />
      <SwitchOnDialog opened={opened === "switch-on"} onClose={() => setOpened(null)} onChosen={(skipMissed) => change.mutate({ enabled: true, skipMissed })} />
      <SecretDialog secret={secret} onDone={() => setSecret(null)} />
    </div>
  );
}

function Facts({ webhook: w }: { webhook: Webhook }) {
  const hint = w.disabledReason === "gone" ? words.detail.goneText : w.disabledReason === "failing" ? words.detail.failingText : w.enabled && w.failingSince ? words.detail.failingNowText : null;
  return (
    <Card>
      {hint && (
        <div className={classes.failure}>
          <Hint tone={w.disabledReason ? "danger" : "warning"}>{hint}</Hint>
        </div>
      )}
      {!hint && w.holdUntil && w.waiting > 0 && (
        <div className={classes.failure}>
          <Hint>{words.detail.heldText}</Hint>
        </div>
      )}
      <dl className={classes.facts} aria-label={words.detail.state}>
        <Fact name={words.detail.state}>
          <WebhookState webhook={w} /> {w.failingSince && <RelativeTime short at={w.failingSince} />}
        </Fact>
        <Fact name={words.detail.lastSuccess}>{w.lastSuccessAt ? <RelativeTime at={w.lastSuccessAt} /> : words.never}</Fact>
        <Fact name={words.detail.waiting}>{t.number(w.waiting)}</Fact>
        <Fact name={words.detail.failed}>{t.number(w.failed)}</Fact>
        <Fact name={words.detail.secret}>
          {w.secretHint} {w.previousSecretUntil && <span className={classes.muted}>{words.detail.secretBoth}</span>}
        </Fact>
        <Fact name={words.detail.events}>{w.events.join(", ")}</Fact>
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
