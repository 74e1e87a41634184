import { Button, TextInput } from "@mantine/core";
import { Card, FormButtons, FormMessage, FormStack, RelativeTime, toasts, useForm } from "@parley/ui";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { explain, formProblem } from "@/api/problem";
import type { Canary } from "@/api/types";
import * as kb from "@/api/knowledge";
import { kt } from "@/strings/knowledge";
import { CanaryPill } from "./CanaryPill.tsx";
import classes from "./Knowledge.module.css";

const words = kt.knowledge.canary;

/** The question that shows whether a source answers. */
export function CanaryCard({ sourceId, canary }: { sourceId: string; canary: Canary | undefined }) {
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: kb.queries.canaries.queryKey });
  const form = useForm({
    initial: { question: canary?.question ?? "" },
    submit: async (v) => {
      await kb.review.setCanary(sourceId, v.question.trim());
      toasts.success(words.saved);
      await refresh();
    },
    problem: formProblem,
  });
  const remove = useMutation({
    mutationFn: () => kb.review.removeCanary(sourceId),
    onSuccess: async () => {
      form.set("question", "");
      toasts.success(words.removed);
      await refresh();
    },
    onError: (e) => toasts.error(explain(e)),
  });
  const text = form.values.question.trim();
  return (
    <Card title={words.title} description={words.text}>
      <form {...form.formProps}>
        <FormStack>
          <FormMessage text={form.message} />
          {canary && (
            <p className={classes.canary} role="status">
              <CanaryPill canary={canary} />
              {canary.checkedAt && (
                <span>
                  {words.asked} <RelativeTime at={canary.checkedAt} />
                </span>
              )}
              {canary.failingSince && <span>{words.help[canary.state]}</span>}
            </p>
          )}
          <TextInput {...form.text("question")} label={words.question} maxLength={2000} autoComplete="off" dir="auto" />
          <FormButtons>
            {canary && (
              <Button variant="default" loading={remove.isPending} onClick={() => remove.mutate()}>
                {words.remove}
              </Button>
            )}
            <Button type="submit" loading={form.pending} disabled={text === "" || text === canary?.question}>
              {words.save}
            </Button>
          </FormButtons>
        </FormStack>
      </form>
    </Card>
  );
}
