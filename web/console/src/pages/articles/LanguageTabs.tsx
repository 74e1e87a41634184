import { Button, TextInput } from "@mantine/core";
import { Dialog, FormButtons, FormMessage, FormStack, Tabs, useForm } from "@parley/ui";
import { IconPlus } from "@parley/ui/icons";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { formProblem } from "@/api/problem";
import type { Article } from "@/api/types";
import * as kb from "@/api/knowledge";
import { TabLink } from "@/app/links";
import { languageName } from "@/lib/labels";
import { t } from "@/strings";
import { kt } from "@/strings/knowledge";

const words = kt.articles.editor;

type Props = { article: Article; locale: string; may: boolean; body: { title: string; body: string } };

/** The languages of an article: each is a text of its own. */
export function LanguageTabs({ article, locale, may, body }: Props) {
  const [adding, setAdding] = useState(false);
  return (
    <>
      <Tabs
        label={words.languages}
        end={
          may && (
            <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>
              {words.addLanguage}
            </Button>
          )
        }
      >
        {article.texts.map((x) => (
          <TabLink
            key={x.locale}
            to="/knowledge/articles/$articleId"
            params={{ articleId: article.id }}
            search={{ locale: x.locale }}
            aria-current={x.locale === locale ? "page" : undefined}
            activeOptions={{ exact: true, includeSearch: true }}
          >
            {languageName(x.locale)}
          </TabLink>
        ))}
      </Tabs>
      <Dialog opened={adding} onClose={() => setAdding(false)} title={words.addLanguage}>
        <AddLanguage article={article} body={body} onClose={() => setAdding(false)} />
      </Dialog>
    </>
  );
}

function AddLanguage({ article, body, onClose }: { article: Article; body: Props["body"]; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({
    initial: { locale: "" },
    validate: (v) => {
      const tag = v.locale.trim();
      if (!/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(tag)) return { locale: words.languageBad };
      return article.texts.some((x) => x.locale.toLowerCase() === tag.toLowerCase()) ? { locale: words.languageDouble } : {};
    },
    submit: async (v) => {
      const known = new Set(article.texts.map((x) => x.locale));
      const next = await kb.articles.save({ articleId: article.id, locale: v.locale.trim() }, body);
      client.setQueryData(kb.queries.article(article.id).queryKey, next);
      void client.invalidateQueries({ queryKey: ["articles"] });
      onClose();
      // The server writes a tag in its one form.
      const added = next.texts.find((x) => !known.has(x.locale))?.locale ?? v.locale.trim();
      void navigate({ to: "/knowledge/articles/$articleId", params: { articleId: article.id }, search: { locale: added } });
    },
    problem: formProblem,
  });
  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={form.message} />
        <TextInput {...form.text("locale")} label={words.language} description={words.addLanguageText} maxLength={35} autoComplete="off" dir="ltr" data-autofocus />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button type="submit" loading={form.pending}>
            {words.addLanguage}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
