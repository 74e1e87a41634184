import { Button } from "@mantine/core";
import { EmptyState, RelativeTime, RowName, type Column } from "@parley/ui";
import { IconArrowsExchange, IconPlus } from "@parley/ui/icons";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { webhookQueries, type Webhook } from "@/api/webhooks";
import { lazyDialog } from "@/app/lazyDialog";
import { useCan } from "@/app/session";
import { SecretDialog, type Secret } from "@/pages/settings/SecretDialog";
import { ListSection, Needs } from "@/pages/settings/SettingsPage";
import { wh } from "@/strings/webhooks";
import classes from "./Webhooks.module.css";
import { health, WebhookState } from "./WebhookState.tsx";

const WebhookDialog = lazyDialog(async () => (await import("./WebhookDialog.tsx")).WebhookDialog);
const words = wh.webhooks;

/** Who is told what happens, and whether it arrives. */
export function WebhooksPage() {
  return (
    <Needs permission="webhooks:read">
      <Webhooks />
    </Needs>
  );
}

function Webhooks() {
  const may = useCan()("webhooks:write");
  const list = useQuery(webhookQueries.all);
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<(Secret & { id: string }) | null>(null);
  const open = (id: string) => void navigate({ to: "/settings/webhooks/$webhookId", params: { webhookId: id }, search: {} });
  const columns: Column<Webhook>[] = [
    {
      id: "url",
      header: words.columns.url,
      main: true,
      cell: (w) => (
        <RowName wraps sub={w.description || undefined}>
          <Link to="/settings/webhooks/$webhookId" params={{ webhookId: w.id }} search={{}} className={classes.url} dir="ltr">
            {w.url}
          </Link>
        </RowName>
      ),
    },
    { id: "events", header: words.columns.events, labelled: true, text: (w) => w.events.join(" "), cell: (w) => <span title={w.events.join(", ")}>{words.eventCount(w.events.length)}</span> },
    { id: "state", header: words.columns.state, labelled: true, text: (w) => health(w).name, cell: (w) => <WebhookState webhook={w} /> },
    { id: "last", header: words.columns.last, align: "end", labelled: true, text: (w) => w.lastSuccessAt, cell: (w) => (w.lastSuccessAt ? <RelativeTime short at={w.lastSuccessAt} /> : words.never) },
  ];
  return (
    <>
      <ListSection
        description={words.description}
        action={
          may && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
              {words.add}
            </Button>
          )
        }
        query={list}
        label={words.title}
        columns={columns}
        rows={list.data}
        rowId={(w) => w.id}
        onOpen={(w) => open(w.id)}
        empty={
          <EmptyState icon={IconArrowsExchange} title={words.empty}>
            {words.emptyText}
          </EmptyState>
        }
      />
      <WebhookDialog
        opened={adding}
        webhook={null}
        onClose={() => setAdding(false)}
        onMade={(id, value) => {
          setAdding(false);
          setMade({ id, title: words.secret.title, text: words.secret.text, value });
        }}
      />
      <SecretDialog
        secret={made}
        onDone={() => {
          if (made) open(made.id);
          setMade(null);
        }}
      />
    </>
  );
}
