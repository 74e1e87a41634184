import { Button, Checkbox } from "@mantine/core";
import { DataTable, EmptyState, Menu, MenuItem, Page, PageHeader, Pill, RelativeTime, RowName, type Column, type Tone } from "@parley/ui";
import { IconChevronDown, IconDownload, IconFileText, IconList, IconMessages, IconSearch, IconStar, IconTag } from "@parley/ui/icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { filterOf, found, queries, type Found } from "@/api/found";
import type { ConversationSummary } from "@/api/types";
import { lazyDialog } from "@/app/lazyDialog";
import { useCan } from "@/app/session";
import { tableOf } from "@/app/tableOf";
import type { Filter } from "@/lib/filterNames";
import { label, languageName } from "@/lib/labels";
import { customerName, preview } from "@/lib/messages";
import { t } from "@/strings";
import { vt } from "@/strings/conversations";
import classes from "./ConversationsPage.module.css";
import { FilterFields } from "./FilterFields.tsx";
import { MatchText } from "./MatchText.tsx";
import { TagPill } from "./TagPill.tsx";
import { ViewsMenu } from "./ViewsMenu.tsx";

const BulkBar = lazy(async () => ({ default: (await import("./BulkBar.tsx")).BulkBar }));
const TagsDialog = lazyDialog(async () => (await import("./TagsDialog.tsx")).TagsDialog);

const words = t.conversations;
const facts = t.conversation.facts;
const ownerTone: Record<ConversationSummary["owner"], Tone> = { assistant: "accent", queue: "warning", agent: "info" };

const columns: Column<Found>[] = [
  {
    id: "subject",
    header: words.columns.subject,
    main: true,
    cell: ({ conversation: c, match }) => (
      <>
        <RowName sub={!match && c.lastMessage && preview(c.lastMessage.text)}>
          <Link to="/conversations/$conversationId" params={{ conversationId: c.id }} search={match ? { message: match.messageId } : {}} dir="auto">
            {c.subject ?? t.conversation.noSubject}
          </Link>
        </RowName>
        {match && <MatchText conversationId={c.id} match={match} />}
        {c.tags.length > 0 && (
          <span className={classes.tags}>
            {c.tags.map((tag) => (
              <TagPill key={tag.id} tag={tag} />
            ))}
          </span>
        )}
      </>
    ),
  },
  { id: "customer", header: words.columns.customer, cell: ({ conversation: c }) => <span className={classes.oneLine}>{customerName(c)}</span> },
  {
    id: "status",
    header: words.columns.status,
    cell: ({ conversation: c }) => <Pill tone={c.status === "open" ? "success" : "neutral"}>{label(t.conversation.status, c.status)}</Pill>,
  },
  {
    id: "owner",
    header: words.columns.owner,
    cell: ({ conversation: c }) => <Pill tone={ownerTone[c.owner]}>{c.owner === "agent" ? (c.agentName ?? t.conversation.owner.agent) : label(t.conversation.owner, c.owner)}</Pill>,
  },
  { id: "channel", header: words.columns.channel, desktopOnly: true, cell: ({ conversation: c }) => label(t.conversation.channel, c.channel) },
  { id: "outcome", header: words.columns.outcome, desktopOnly: true, cell: ({ conversation: c }) => <span className={classes.oneLine}>{label(t.conversation.outcome, c.outcome)}</span> },
  {
    id: "rating",
    header: words.columns.rating,
    desktopOnly: true,
    cell: ({ conversation: c }) =>
      c.rating !== null && (
        <span className={classes.rating} aria-label={words.stars(c.rating)}>
          {c.rating}
          <IconStar size={13} aria-hidden />
        </span>
      ),
  },
  { id: "language", header: facts.language, optional: true, cell: ({ conversation: c }) => languageName(c.locale) },
  { id: "ended", header: facts.ended, optional: true, align: "end", cell: ({ conversation: c }) => c.closedAt && <RelativeTime short at={c.closedAt} /> },
  { id: "started", header: facts.started, optional: true, align: "end", cell: ({ conversation: c }) => <RelativeTime short at={c.createdAt} /> },
  { id: "updated", header: words.columns.updated, align: "end", cell: ({ conversation: c }) => <RelativeTime short at={c.updatedAt} /> },
];

/** What can be selected comes first; the box of each row says whose it is. */
const selectColumn = (selected: ReadonlyMap<string, string>, toggle: (c: ConversationSummary) => void): Column<Found> => ({
  id: "select",
  header: vt.found.selectColumn,
  quiet: true,
  width: "2.5rem",
  corner: true,
  cell: ({ conversation: c }) => <Checkbox aria-label={vt.found.select(c.subject ?? t.conversation.noSubject)} checked={selected.has(c.id)} onChange={() => toggle(c)} />,
});

export function ConversationsPage() {
  const filter: Filter = useSearch({ from: "/conversations" });
  const navigate = useNavigate({ from: "/conversations" });
  const open = (next: Filter) => void navigate({ to: "/conversations", search: Object.fromEntries(Object.entries(next).filter(([, v]) => v)), replace: true });
  const list = useInfiniteQuery(queries.found(filter));
  const count = useQuery(queries.count(filter)).data;
  const may = useCan()("conversations:write");
  const [selected, setSelected] = useState<ReadonlyMap<string, string>>(new Map());
  const [acted, setActed] = useState(false);
  const [managing, setManaging] = useState(false);
  const [last, setLast] = useState<string>();
  useDefaultView(filter, (id, next) => (setLast(id), open(next)));
  const filtered = Object.keys(filter).length > 0;
  const toggle = (c: ConversationSummary) =>
    setSelected((old) => {
      const next = new Map(old);
      if (!next.delete(c.id)) next.set(c.id, c.subject ?? t.conversation.noSubject);
      return next;
    });

  return (
    <Page>
      <PageHeader
        title={words.title}
        description={words.description}
        actions={
          <>
            {may && (
              <Button variant="default" leftSection={<IconTag size={16} />} onClick={() => setManaging(true)}>
                {vt.tags.manage}
              </Button>
            )}
            <Menu
              align="end"
              trigger={(props) => (
                <Button {...props} variant="default" leftSection={<IconDownload size={16} />} rightSection={<IconChevronDown size={14} />}>
                  {vt.found.export}
                </Button>
              )}
            >
              <MenuItem icon={IconList} onSelect={() => save(found.file(filter, "csv"))}>
                {vt.found.exportCsv}
              </MenuItem>
              <MenuItem icon={IconFileText} onSelect={() => save(found.file(filter, "jsonl"))}>
                {vt.found.exportLines}
              </MenuItem>
            </Menu>
          </>
        }
      />
      <div className={classes.top}>
        <ViewsMenu filter={filter} open={open} last={last} onLast={setLast} />
        <span className={classes.count} aria-live="polite">
          {count && !filter.q && vt.found.count(count.count, count.more)}
        </span>
      </div>
      <FilterFields filter={filter} set={(change) => open({ ...filter, ...change })} clear={() => open({})} />
      {(selected.size > 0 || acted) && (
        <Suspense fallback={null}>
          <BulkBar
            selected={selected}
            onChange={(ids) => {
              setSelected((old) => new Map([...old].filter(([id]) => ids.includes(id))));
              setActed(ids.length > 0);
            }}
          />
        </Suspense>
      )}
      <DataTable
        label={words.title}
        columns={may ? [selectColumn(selected, toggle), ...columns] : columns}
        {...tableOf(list)}
        exported={false}
        rowId={({ conversation: c }) => c.id}
        onOpen={({ conversation: c, match }) => void navigate({ to: "/conversations/$conversationId", params: { conversationId: c.id }, search: match ? { message: match.messageId } : {} })}
        empty={
          <EmptyState icon={filter.q ? IconSearch : IconMessages} title={filter.q ? vt.found.emptySearch : filtered ? words.emptyFiltered : words.empty}>
            {filter.q ? vt.found.emptySearchText : filtered ? words.emptyFilteredText : words.emptyText}
          </EmptyState>
        }
      />
      <TagsDialog opened={managing} onClose={() => setManaging(false)} />
    </Page>
  );
}

/** The list opens with the view that somebody chose for it, where the address asks for nothing itself. */
function useDefaultView(filter: Filter, open: (id: string, filter: Filter) => void) {
  const asked = useRef(Object.keys(filter).length > 0);
  const views = useQuery(queries.views).data?.items;
  useEffect(() => {
    if (!views || asked.current) return;
    asked.current = true;
    const chosen = views.find((v) => v.default);
    if (chosen) open(chosen.id, filterOf(chosen));
  });
}

/** The browser saves what the server writes, while it is written. */
function save(href: string) {
  Object.assign(document.createElement("a"), { href, download: "" }).click();
}
