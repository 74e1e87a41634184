import { Button, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { Dialog, FormButtons, FormMessage, FormPair, FormStack, Hint, toasts, useForm } from "@parley/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { formProblem } from "@/api/problem";
import { golden, outcomes, type GoldenQuestion, type GoldenRequest } from "@/api/quality";
import type { Outcome } from "@/api/types";
import { t } from "@/strings";
import { qt } from "@/strings/quality";
import { DocumentPicker, type Picked } from "./DocumentPicker.tsx";
import classes from "./Quality.module.css";

const words = qt.quality.form;

/** What is known beforehand of a question that comes from elsewhere. */
export type Prefill = { question: string; document: Picked | null; language: string | null; conversationId: string };
type Props = { opened: boolean; onClose: () => void; question?: GoldenQuestion | null; prefill?: Prefill | null };

/** A new golden question, or one that is changed. */
export function QuestionDialog({ opened, onClose, question = null, prefill = null }: Props) {
  return (
    <Dialog size="lg" opened={opened} onClose={onClose} title={question ? words.change : words.add}>
      <QuestionForm q={question} prefill={prefill} onClose={onClose} />
    </Dialog>
  );
}

const tagList = (text: string) => [...new Set(text.split(",").map((x) => x.trim()).filter(Boolean))];

function initialOf(q: GoldenQuestion | null, prefill: Prefill | null) {
  return {
    question: q?.question ?? prefill?.question ?? "",
    expectedOutcome: (q?.expectedOutcome ?? "answered") as Outcome,
    expectedDocumentId: (q?.expectedDocumentId ? { id: q.expectedDocumentId, title: q.expectedDocumentTitle ?? qt.quality.list.articleGone } : (prefill?.document ?? null)) as Picked | null,
    expectedAnswer: q?.expectedAnswer ?? "",
    category: q?.category ?? "simple",
    language: q?.language ?? prefill?.language ?? "",
    tags: q?.tags.join(", ") ?? "",
  };
}

function QuestionForm({ q, prefill, onClose }: { q: GoldenQuestion | null; prefill: Prefill | null; onClose: () => void }) {
  const client = useQueryClient();
  const conversation = q?.sourceConversationId ?? prefill?.conversationId;
  const form = useForm({
    initial: initialOf(q, prefill),
    validate: (v) => ({ ...(!v.question.trim() && { question: words.questionMissing }), ...(!/^[A-Za-z0-9-]*$/.test(v.language.trim()) && { language: words.languageBad }) }),
    submit: async (v) => {
      const answered = v.expectedOutcome === "answered";
      const body: GoldenRequest = {
        question: v.question.trim(),
        expectedOutcome: v.expectedOutcome,
        category: v.category,
        tags: tagList(v.tags),
        ...(answered && v.expectedDocumentId && { expectedDocumentId: v.expectedDocumentId.id }),
        ...(answered && v.expectedAnswer.trim() && { expectedAnswer: v.expectedAnswer.trim() }),
        ...(v.language.trim() && { language: v.language.trim() }),
        ...(q?.tier && { tier: q.tier }),
        ...(conversation && { sourceConversationId: conversation }),
      };
      await (q ? golden.change(q.id, body) : golden.add(body));
      for (const key of ["golden-questions", "golden-facets"]) void client.invalidateQueries({ queryKey: [key] });
      toasts.success(q ? words.saved : words.added);
      onClose();
    },
    problem: formProblem,
  });
  const v = form.values;
  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={form.message} />
        <Textarea {...form.text("question")} label={words.question} description={words.questionHint} rows={2} maxLength={4000} dir="auto" data-autofocus />
        <NativeSelect
          label={words.outcome}
          value={v.expectedOutcome}
          error={form.errors.expectedOutcome}
          onChange={(e) => form.set("expectedOutcome", e.currentTarget.value as Outcome)}
          data={outcomes.map((value) => ({ value, label: words.outcomes[value] ?? value }))}
        />
        {v.expectedOutcome === "answered" && (
          <>
            <DocumentPicker value={v.expectedDocumentId} error={form.errors.expectedDocumentId} onChange={(d) => form.set("expectedDocumentId", d)} />
            <TextInput {...form.text("expectedAnswer")} label={words.words} description={words.wordsHint} maxLength={4000} dir="auto" autoComplete="off" />
            {!v.expectedDocumentId && !v.expectedAnswer.trim() && <Hint>{words.neither}</Hint>}
          </>
        )}
        <FormPair>
          <NativeSelect
            label={words.category}
            value={v.category}
            error={form.errors.category}
            onChange={(e) => form.set("category", e.currentTarget.value as typeof v.category)}
            data={Object.entries(qt.quality.categories).map(([value, label]) => ({ value, label }))}
          />
          <TextInput {...form.text("language")} label={words.language} description={words.languageHint} maxLength={35} autoComplete="off" />
        </FormPair>
        <TextInput {...form.text("tags")} label={words.tags} description={words.tagsHint} autoComplete="off" />
        {q?.sourceConversationId && (
          <Link to="/conversations/$conversationId" params={{ conversationId: q.sourceConversationId }} search={{}} className={classes.link}>
            {qt.quality.list.conversation}
          </Link>
        )}
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button type="submit" loading={form.pending}>
            {q ? words.save : qt.quality.list.add}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
