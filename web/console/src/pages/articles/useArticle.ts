import { toasts, useUnsaved } from "@parley/ui";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain, Problem } from "@/api/problem";
import type { Article, ArticleText } from "@/api/types";
import * as kb from "@/api/knowledge";
import { kt } from "@/strings/knowledge";

const words = kt.articles.editor;

export type Step = "save" | "review" | "publish" | "unpublish";
type Draft = { title: string; body: string };

/**
 * One text being written: what is in the fields, which revision it began from, and the steps it can take. A step saves first what
 * is not saved. Who saves second is told, and loses nothing.
 */
export function useArticleText(article: Article | null, locale: string, created: (made: Article) => void) {
  const client = useQueryClient();
  const stored = article?.texts.find((x) => x.locale === locale);
  const [base, setBase] = useState<ArticleText | undefined>(stored);
  const [draft, setDraft] = useState<Draft>({ title: stored?.title ?? "", body: stored?.body ?? "" });
  const [collectionId, setCollectionId] = useState(article?.collectionId ?? null);
  const [conflict, setConflict] = useState(false);
  const [titleError, setTitleError] = useState<string>();
  const dirty = draft.title !== (base?.title ?? "") || draft.body !== (base?.body ?? "");

  const { release } = useUnsaved(dirty);

  const keep = (next: Article) => {
    client.setQueryData(kb.queries.article(next.id).queryKey, next);
    void client.invalidateQueries({ queryKey: ["articles"] });
    setBase(next.texts.find((x) => x.locale === locale));
  };
  const save = async (): Promise<Article> => {
    const body = { title: draft.title.trim(), body: draft.body };
    if (!article) return kb.articles.create({ ...body, locale, ...(collectionId && { collectionId }) });
    return kb.articles.save({ articleId: article.id, locale }, { ...body, ...(base && { revision: base.revision }) });
  };
  const step = useMutation({
    mutationFn: async (kind: Step) => {
      let next = kind === "save" || dirty || !base ? await save() : (article as Article);
      keep(next);
      const path = { articleId: next.id, locale };
      if (kind === "review") next = await kb.articles.review(path);
      else if (kind === "publish") next = await kb.articles.publish(path);
      else if (kind === "unpublish") next = await kb.articles.unpublish(path);
      return next;
    },
    onSuccess: (next, kind) => {
      keep(next);
      setDraft((d) => ({ title: d.title.trim(), body: d.body }));
      setConflict(false);
      void client.invalidateQueries({ queryKey: ["article-versions", next.id] });
      if (kind !== "save") void client.invalidateQueries({ queryKey: ["sources"] });
      const version = next.texts.find((x) => x.locale === locale)?.publishedVersion ?? 0;
      toasts.success({ save: words.saved, review: words.inReview, publish: words.published(version), unpublish: words.unpublished }[kind]);
      if (article) return;
      release();
      created(next);
    },
    onError: (e) => {
      if (e instanceof Problem && e.code === "article.changed") setConflict(true);
      else toasts.error(explain(e));
    },
  });
  const move = useMutation({
    mutationFn: async (id: string | null) => (article ? kb.articles.move(article.id, id) : null),
    onMutate: (id) => {
      const before = collectionId;
      setCollectionId(id);
      return before;
    },
    onSuccess: (next) => {
      if (next) client.setQueryData(kb.queries.article(next.id).queryKey, next);
      for (const key of ["articles", "collections"]) void client.invalidateQueries({ queryKey: [key] });
    },
    onError: (e, _, before) => {
      setCollectionId(before ?? null);
      toasts.error(explain(e));
    },
  });
  return {
    base,
    draft,
    dirty,
    conflict,
    titleError,
    collectionId,
    pending: step.isPending ? step.variables : null,
    /** What follows is meant: nothing is asked. */
    release,
    set: (change: Partial<Draft>) => {
      if (change.title !== undefined) setTitleError(undefined);
      setDraft((d) => ({ ...d, ...change }));
    },
    move: (id: string | null) => move.mutate(id),
    run: (kind: Step) => {
      if (step.isPending) return;
      if (!draft.title.trim()) return setTitleError(words.titleMissing);
      step.mutate(kind);
    },
    /** Gives up what was changed here for what somebody else saved. */
    loadTheirs: async () => {
      if (!article) return;
      const next = await client.fetchQuery({ ...kb.queries.article(article.id), staleTime: 0 });
      const text = next.texts.find((x) => x.locale === locale);
      setBase(text);
      setDraft({ title: text?.title ?? "", body: text?.body ?? "" });
      setConflict(false);
    },
  };
}
