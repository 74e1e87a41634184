import { ActionIcon, Button, NativeSelect } from "@mantine/core";
import { confirm, DataTable, EmptyState, Menu, MenuItem, Page, PageHeader, Pill, RelativeTime, RowName, toasts, type Column } from "@parley/ui";
import { IconDots, IconDownload, IconFlask, IconMessages, IconPlus, IconSettings, IconTrash, IconUpload } from "@parley/ui/icons";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { explain } from "@/api/problem";
import { allQuestions, golden, qualityQueries, type GoldenFilter, type GoldenQuestion } from "@/api/quality";
import { Filters, SearchField } from "@/app/Filters";
import { Forbidden } from "@/app/Forbidden";
import { lazyDialog } from "@/app/lazyDialog";
import { useCan } from "@/app/session";
import { tableOf } from "@/app/tableOf";
import { label, languageName } from "@/lib/labels";
import { t } from "@/strings";
import { qt } from "@/strings/quality";
import { writeRows } from "./goldenRows.ts";
import { outcomeTone } from "./outcomeTone.ts";
import { QualityTabs } from "./QualityTabs.tsx";
import classes from "./Quality.module.css";

const QuestionDialog = lazyDialog(async () => (await import("./QuestionDialog.tsx")).QuestionDialog);
const ImportDialog = lazyDialog(async () => (await import("./ImportDialog.tsx")).ImportDialog);

const words = qt.quality.list;
type Opened = { dialog: "import" } | { dialog: "question"; question: GoldenQuestion | null } | null;

/** The golden questions: what customers ask, and what is right. */
export function QuestionsPage() {
  const can = useCan();
  const may = can("quality:write");
  const filter = useSearch({ from: "/quality" });
  const navigate = useNavigate({ from: "/quality" });
  const list = useInfiniteQuery({ ...qualityQueries.questions(filter), enabled: can("quality:read") });
  const [opened, setOpened] = useState<Opened>(null);
  const close = () => setOpened(null);
  const remove = useRemoval();
  const save = useExport(filter);
  if (!can("quality:read")) return <Forbidden />;
  const filtered = Object.keys(filter).length > 0;
  const edit = (question: GoldenQuestion | null) => setOpened({ dialog: "question", question });
  const add = may && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => edit(null)}>
      {words.add}
    </Button>
  );
  const importing = may && (
    <Button variant="default" leftSection={<IconUpload size={16} />} onClick={() => setOpened({ dialog: "import" })}>
      {words.import}
    </Button>
  );
  return (
    <Page>
      <PageHeader
        title={qt.quality.title}
        description={words.description}
        actions={
          <>
            <Button variant="default" leftSection={<IconDownload size={16} />} loading={save.isPending} disabled={!list.data?.pages[0]?.items.length} onClick={() => save.mutate()}>
              {words.export}
            </Button>
            {importing}
            {add}
          </>
        }
      />
      <QualityTabs active="questions" />
      <QuestionFilters filter={filter} set={(change) => void navigate({ search: (old) => Object.fromEntries(Object.entries({ ...old, ...change }).filter(([, v]) => v)), replace: true })} />
      <DataTable
        label={qt.quality.questions}
        columns={columnsOf(may, edit, (q) => void remove(q))}
        {...tableOf(list)}
        exported={false}
        rowId={(q) => q.id}
        {...(may && { onOpen: edit })}
        empty={
          filtered ? (
            <EmptyState icon={IconFlask} title={words.emptyFiltered}>
              {t.conversations.emptyFilteredText}
            </EmptyState>
          ) : (
            <EmptyState icon={IconFlask} title={words.empty} action={<span className={classes.actions}>{add}{importing}</span>}>
              {words.emptyText}
            </EmptyState>
          )
        }
      />
      <QuestionDialog opened={opened?.dialog === "question"} onClose={close} question={opened?.dialog === "question" ? opened.question : null} />
      <ImportDialog opened={opened?.dialog === "import"} onClose={close} />
    </Page>
  );
}

function QuestionFilters({ filter, set }: { filter: GoldenFilter; set: (change: GoldenFilter) => void }) {
  const facets = useQuery(qualityQueries.facets).data;
  const named = (values: readonly string[] | undefined, chosen: string | undefined, name: (v: string) => string) =>
    Object.fromEntries([...new Set([...(values ?? []), ...(chosen ? [chosen] : [])])].map((v) => [v, name(v)]));
  const choice = (name: string, key: keyof GoldenFilter, values: Record<string, string>) => (
    <NativeSelect
      aria-label={name}
      value={filter[key] ?? ""}
      onChange={(e) => set({ [key]: e.currentTarget.value })}
      data={[{ value: "", label: t.conversations.anyOf(name) }, ...Object.entries(values).map(([value, text]) => ({ value, label: text }))]}
    />
  );
  return (
    <Filters label={t.conversations.filters}>
      <SearchField label={words.search} value={filter.q ?? ""} onChange={(q) => set({ q })} />
      {choice(words.outcome, "outcome", Object.fromEntries(Object.keys(qt.quality.form.outcomes).map((o) => [o, label(t.conversation.outcome, o)])))}
      {choice(words.category, "category", qt.quality.categories)}
      {choice(words.language, "language", named(facets?.languages, filter.language, languageName))}
      {choice(words.tag, "tag", named(facets?.tags, filter.tag, (v) => v))}
      {Object.keys(filter).length > 0 && (
        <Button variant="subtle" color="gray" onClick={() => set(Object.fromEntries(Object.keys(filter).map((k) => [k, ""])))}>
          {t.conversations.clear}
        </Button>
      )}
    </Filters>
  );
}

function useRemoval() {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (id: string) => golden.remove(id),
    onSuccess: () => {
      for (const key of ["golden-questions", "golden-facets"]) void client.invalidateQueries({ queryKey: [key] });
      toasts.success(words.removed);
    },
    onError: (e) => toasts.error(explain(e)),
  });
  return async (q: GoldenQuestion) => {
    if (await confirm({ title: words.removeTitle, body: <><strong dir="auto">{q.question}</strong><br />{words.removeText}</>, confirm: words.remove, danger: true })) remove.mutate(q.id);
  };
}

/** What the filters leave, in the columns that an import reads. */
function useExport(filter: GoldenFilter) {
  return useMutation({
    mutationFn: async () => {
      const address = URL.createObjectURL(new Blob([writeRows(await allQuestions(filter))], { type: "text/csv;charset=utf-8" }));
      Object.assign(document.createElement("a"), { href: address, download: words.exportName }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    },
    onError: (e) => toasts.error(explain(e)),
  });
}

const expectation = (q: GoldenQuestion) =>
  q.expectedDocumentTitle ? words.article(q.expectedDocumentTitle) : q.expectedDocumentId ? words.articleGone : q.expectedAnswer ? words.words(q.expectedAnswer) : null;

const columnsOf = (may: boolean, edit: (q: GoldenQuestion) => void, remove: (q: GoldenQuestion) => void): Column<GoldenQuestion>[] => [
  {
    id: "question",
    header: words.columns.question,
    main: true,
    cell: (q) => (
      <RowName wraps sub={expectation(q)}>
        {may ? (
          <button type="button" dir="auto" onClick={() => edit(q)}>
            {q.question}
          </button>
        ) : (
          <span dir="auto">{q.question}</span>
        )}
      </RowName>
    ),
  },
  { id: "expected", header: words.columns.expected, cell: (q) => <Pill tone={outcomeTone[q.expectedOutcome]}>{label(t.conversation.outcome, q.expectedOutcome)}</Pill> },
  { id: "category", header: words.columns.category, cell: (q) => label(qt.quality.categories, q.category) },
  { id: "language", header: words.columns.language, cell: (q) => languageName(q.language) },
  {
    id: "tags",
    header: words.columns.tags,
    cell: (q) => (
      <span className={classes.tags}>
        {q.tags.map((tag) => (
          <Pill key={tag}>{tag}</Pill>
        ))}
      </span>
    ),
  },
  { id: "changed", header: words.columns.changed, align: "end", desktopOnly: true, cell: (q) => <RelativeTime short at={q.updatedAt} /> },
  {
    id: "menu",
    header: words.columns.menu,
    quiet: true,
    align: "end",
    corner: true,
    cell: (q) => (
      <span className={classes.rowEnd}>
        {q.sourceConversationId && (
          <Link
            to="/conversations/$conversationId"
            params={{ conversationId: q.sourceConversationId }}
            search={{}}
            className={classes.rowIcon}
            aria-label={words.conversation}
            title={words.conversation}
          >
            <IconMessages size={16} aria-hidden />
          </Link>
        )}
        {may && (
          <Menu
            align="end"
            trigger={(trigger) => (
              <ActionIcon aria-label={words.menuOf(q.question)} {...trigger}>
                <IconDots size={16} />
              </ActionIcon>
            )}
          >
            <MenuItem icon={IconSettings} onSelect={() => edit(q)}>
              {words.edit}
            </MenuItem>
            <MenuItem icon={IconTrash} onSelect={() => remove(q)}>
              {words.remove}
            </MenuItem>
          </Menu>
        )}
      </span>
    ),
  },
];
