import { ActionIcon, Button, NativeSelect, TextInput } from "@mantine/core";
import { confirm, ErrorState, Hint, ListSkeleton, Menu, MenuDivider, MenuItem, Page, PageHeader, Pill, toasts, useHotkeys } from "@parley/ui";
import { IconArchive, IconDots, IconHistory, IconTrash } from "@parley/ui/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { explain } from "@/api/problem";
import type { Article } from "@/api/types";
import * as kb from "@/api/knowledge";
import { lazyDialog } from "@/app/lazyDialog";
import { useCan } from "@/app/session";
import { label, languageName } from "@/lib/labels";
import { kt } from "@/strings/knowledge";
import { BodyEditor } from "./BodyEditor.tsx";
import { LanguageTabs } from "./LanguageTabs.tsx";
import { stateTone } from "./stateTone.ts";
import { useArticleText } from "./useArticle.ts";
import classes from "./Articles.module.css";

const VersionsDialog = lazyDialog(async () => (await import("./VersionsDialog.tsx")).VersionsDialog);

const words = kt.articles.editor;
const ownLanguage = () => navigator.language.split("-")[0] ?? "en";

export function ArticlePage() {
  const { articleId } = useParams({ from: "/knowledge/articles/$articleId" });
  const { locale } = useSearch({ from: "/knowledge/articles/$articleId" });
  const fresh = articleId === "new";
  const article = useQuery({ ...kb.queries.article(articleId), enabled: !fresh });
  if (fresh) return <Editor key="new" article={null} locale={locale ?? ownLanguage()} />;
  if (article.isPending)
    return (
      <Page>
        <ListSkeleton rows={6} height={56} gap={16} />
      </Page>
    );
  if (article.isError)
    return (
      <Page>
        <PageHeader title={kt.knowledge.articles} back={<Back />} />
        <ErrorState detail={explain(article.error)} onRetry={() => void article.refetch()} />
      </Page>
    );
  const chosen = locale ?? article.data.texts[0]?.locale ?? ownLanguage();
  return <Editor key={`${articleId}:${chosen}`} article={article.data} locale={chosen} />;
}

function Back() {
  return (
    <Link to="/knowledge/articles" search={{}}>
      {words.back}
    </Link>
  );
}

function Editor({ article, locale }: { article: Article | null; locale: string }) {
  const may = useCan()("knowledge:write");
  const navigate = useNavigate();
  const [versions, setVersions] = useState(false);
  const collections = useQuery(kb.queries.collections).data?.items ?? [];
  const text = useArticleText(article, locale, (made) => {
    void navigate({ to: "/knowledge/articles/$articleId", params: { articleId: made.id }, search: { locale }, replace: true });
  });
  const remove = useRemoveArticle(article, () => {
    text.release();
    void navigate({ to: "/knowledge/articles", search: {} });
  });
  useHotkeys(may ? [{ keys: "mod+s", label: words.save, group: kt.knowledge.articles, run: () => text.run("save") }] : []);
  const { base } = text;
  const title = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!article) title.current?.focus();
  }, [article]);

  const unpublish = async () => {
    if (await confirm({ title: words.unpublishTitle, body: words.unpublishText, confirm: words.unpublish, danger: true })) text.run("unpublish");
  };
  const loadTheirs = async () => {
    if (await confirm({ title: words.loadTheirs, body: words.loadTheirsText, confirm: words.loadTheirs, danger: true })) void text.loadTheirs();
  };

  return (
    <Page>
      <PageHeader
        back={<Back />}
        title={base?.title ?? words.newTitle}
        description={
          <span className={classes.meta}>
            <Pill tone={base ? stateTone[base.state] : "neutral"}>{label(kt.articles.states, base?.state ?? "draft")}</Pill>
            {typeof base?.publishedVersion === "number" && <span>{kt.articles.version(base.publishedVersion)}</span>}
            {text.dirty && <Pill tone="warning">{words.unsaved}</Pill>}
          </span>
        }
        actions={
          may && (
            <>
              <Button variant="default" loading={text.pending === "save"} disabled={!text.dirty && base !== undefined} onClick={() => text.run("save")}>
                {words.save}
              </Button>
              {base?.state !== "review" && (text.dirty || base?.state === "draft") && (
                <Button variant="default" loading={text.pending === "review"} onClick={() => text.run("review")}>
                  {words.review}
                </Button>
              )}
              <Button loading={text.pending === "publish"} disabled={!text.dirty && (!base || base.state === "published")} onClick={() => text.run("publish")}>
                {words.publish}
              </Button>
              {article && (
                <Menu
                  align="end"
                  trigger={(trigger) => (
                    <ActionIcon variant="default" aria-label={words.more} {...trigger}>
                      <IconDots size={16} />
                    </ActionIcon>
                  )}
                >
                  <MenuItem icon={IconHistory} onSelect={() => setVersions(true)}>
                    {words.versions}
                  </MenuItem>
                  {typeof base?.publishedVersion === "number" && (
                    <MenuItem icon={IconArchive} onSelect={() => void unpublish()}>
                      {words.unpublish}
                    </MenuItem>
                  )}
                  <MenuDivider />
                  <MenuItem icon={IconTrash} onSelect={() => void remove()}>
                    {words.remove}
                  </MenuItem>
                </Menu>
              )}
            </>
          )
        }
      />
      {text.conflict && (
        <div className={classes.conflict} role="alert">
          <Hint tone="warning">
            <span>{words.conflict}</span>
            <Button size="compact-sm" variant="default" onClick={() => void loadTheirs()}>
              {words.loadTheirs}
            </Button>
          </Hint>
        </div>
      )}
      {article ? <LanguageTabs article={article} locale={locale} may={may} body={text.draft} /> : null}
      <div className={classes.fields}>
        <TextInput
          ref={title}
          className={classes.titleField}
          label={words.title}
          value={text.draft.title}
          error={text.titleError}
          maxLength={200}
          readOnly={!may}
          dir="auto"
          onChange={(e) => text.set({ title: e.currentTarget.value })}
        />
        <NativeSelect
          label={words.collection}
          value={text.collectionId ?? ""}
          disabled={!may}
          onChange={(e) => text.move(e.currentTarget.value || null)}
          data={[{ value: "", label: words.noCollection }, ...collections.map((c) => ({ value: c.id, label: c.name }))]}
        />
        {!article && <TextInput label={words.language} value={languageName(locale)} readOnly />}
      </div>
      <BodyEditor value={text.draft.body} readOnly={!may} onChange={(body) => text.set({ body })} />
      {article && (
        <VersionsDialog
          opened={versions}
          onClose={() => setVersions(false)}
          articleId={article.id}
          locale={locale}
          draft={text.draft.body}
          onRestore={(old) => {
            text.set(old);
            setVersions(false);
            toasts.success(words.restored);
          }}
        />
      )}
    </Page>
  );
}

function useRemoveArticle(article: Article | null, gone: () => void) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: async () => {
      if (article) await kb.articles.remove(article.id);
    },
    onSuccess: () => {
      toasts.success(words.removed);
      for (const key of ["articles", "collections", "sources"]) void client.invalidateQueries({ queryKey: [key] });
      gone();
    },
    onError: (e) => toasts.error(explain(e)),
  });
  return async () => {
    const name = article?.texts[0]?.title ?? "";
    if (await confirm({ title: words.removeTitle, body: words.removeText, confirm: words.remove, danger: true, typed: name })) remove.mutate();
  };
}
