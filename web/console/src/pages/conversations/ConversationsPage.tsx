import { Button, NativeSelect } from "@mantine/core";
import { DataTable, EmptyState, Page, PageHeader, Pill, RelativeTime, RowName, type Column, type Tone } from "@parley/ui";
import { IconMessages, IconStar } from "@parley/ui/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { queries } from "@/api/queries";
import type { ConversationSummary } from "@/api/types";
import { Filters, SearchField } from "@/app/Filters";
import { tableOf } from "@/app/tableOf";
import { label } from "@/lib/labels";
import { customerName, preview } from "@/lib/messages";
import { t } from "@/strings";
import classes from "./ConversationsPage.module.css";

const words = t.conversations;
const ownerTone: Record<ConversationSummary["owner"], Tone> = { assistant: "accent", queue: "warning", agent: "info" };

const columns: Column<ConversationSummary>[] = [
  {
    id: "subject",
    header: words.columns.subject,
    main: true,
    cell: (c) => (
      <RowName sub={c.lastMessage && preview(c.lastMessage.text)}>
        <Link to="/conversations/$conversationId" params={{ conversationId: c.id }} dir="auto">
          {c.subject ?? t.conversation.noSubject}
        </Link>
      </RowName>
    ),
  },
  { id: "customer", header: words.columns.customer, cell: (c) => <span className={classes.customer}>{customerName(c)}</span> },
  {
    id: "status",
    header: words.columns.status,
    cell: (c) => <Pill tone={c.status === "open" ? "success" : "neutral"}>{label(t.conversation.status, c.status)}</Pill>,
  },
  {
    id: "owner",
    header: words.columns.owner,
    cell: (c) => <Pill tone={ownerTone[c.owner]}>{c.owner === "agent" ? (c.agentName ?? t.conversation.owner.agent) : label(t.conversation.owner, c.owner)}</Pill>,
  },
  { id: "channel", header: words.columns.channel, desktopOnly: true, cell: (c) => label(t.conversation.channel, c.channel) },
  { id: "outcome", header: words.columns.outcome, desktopOnly: true, cell: (c) => label(t.conversation.outcome, c.outcome) },
  {
    id: "rating",
    header: words.columns.rating,
    desktopOnly: true,
    cell: (c) =>
      c.rating !== null && (
        <span className={classes.rating} aria-label={words.stars(c.rating)}>
          {c.rating}
          <IconStar size={13} aria-hidden />
        </span>
      ),
  },
  { id: "updated", header: words.columns.updated, align: "end", cell: (c) => <RelativeTime short at={c.updatedAt} /> },
];

export function ConversationsPage() {
  const filter = useSearch({ from: "/conversations" });
  const navigate = useNavigate({ from: "/conversations" });
  const list = useInfiniteQuery(queries.conversations(filter));
  const set = (change: Partial<typeof filter>) =>
    void navigate({ to: "/conversations", search: (old) => Object.fromEntries(Object.entries({ ...old, ...change }).filter(([, v]) => v)), replace: true });
  const filtered = Object.keys(filter).length > 0;

  return (
    <Page>
      <PageHeader title={words.title} description={words.description} />
      <Filters label={words.filters}>
        <SearchField label={words.search} value={filter.q ?? ""} onChange={(q) => set({ q })} />
        <Choice name={words.status} value={filter.status} values={t.conversation.status} onChange={(status) => set({ status })} />
        <Choice name={words.owner} value={filter.owner} values={t.conversation.owner} onChange={(owner) => set({ owner })} />
        <Choice name={words.channel} value={filter.channel} values={t.conversation.channel} onChange={(channel) => set({ channel })} />
        {filtered && (
          <Button variant="subtle" color="gray" onClick={() => void navigate({ to: "/conversations", search: {}, replace: true })}>
            {words.clear}
          </Button>
        )}
      </Filters>
      <DataTable
        label={words.title}
        columns={columns}
        {...tableOf(list)}
        rowId={(c) => c.id}
        onOpen={(c) => void navigate({ to: "/conversations/$conversationId", params: { conversationId: c.id } })}
        empty={
          <EmptyState icon={IconMessages} title={filtered ? words.emptyFiltered : words.empty}>
            {filtered ? words.emptyFilteredText : words.emptyText}
          </EmptyState>
        }
      />
    </Page>
  );
}

function Choice(props: { name: string; value: string | undefined; values: Record<string, string>; onChange: (value: string) => void }) {
  return (
    <NativeSelect
      aria-label={props.name}
      value={props.value ?? ""}
      onChange={(e) => props.onChange(e.currentTarget.value)}
      data={[{ value: "", label: words.anyOf(props.name) }, ...Object.entries(props.values).map(([value, text]) => ({ value, label: text }))]}
    />
  );
}
