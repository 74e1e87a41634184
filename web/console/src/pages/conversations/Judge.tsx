import { ActionIcon } from "@mantine/core";
import { toasts } from "@parley/ui";
import { IconThumbDown, IconThumbUp } from "@parley/ui/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { confidence, confidenceQueries, type Judgement } from "@/api/confidence";
import { explain } from "@/api/problem";
import { useCan } from "@/app/session";
import { t } from "@/strings";

const words = t.conversation;

/** Right or wrong, as somebody of the team sees it; the confidence learns from it. Choosing again takes it back. */
export function Judge({ conversationId, turnId }: { conversationId: string; turnId: string }) {
  const may = useCan()("conversations:write");
  const client = useQueryClient();
  const query = confidenceQueries.judgements(conversationId);
  const { data: list } = useQuery(query);
  const now = list?.find((j) => j.turnId === turnId)?.isRight;
  const change = useMutation({
    mutationFn: async (next: boolean) => (next === now ? (await confidence.unjudge(turnId), null) : confidence.judge(turnId, next)),
    onSuccess: (judged: Judgement | null) => {
      client.setQueryData(query.queryKey, (old) => [...(old ?? []).filter((j) => j.turnId !== turnId), ...(judged ? [judged] : [])]);
      void client.invalidateQueries({ queryKey: confidenceQueries.report.queryKey });
    },
    onError: (e) => toasts.error(explain(e)),
  });
  if (!list || (!may && now === undefined)) return null;
  return (
    <>
      {[
        { isRight: true, name: words.judgeRight, icon: <IconThumbUp size={16} /> },
        { isRight: false, name: words.judgeWrong, icon: <IconThumbDown size={16} /> },
      ].map(({ isRight, name, icon }) => (
        <ActionIcon key={name} size="sm" aria-label={name} title={name} aria-pressed={now === isRight} disabled={!may || change.isPending} color={now === isRight ? undefined : "gray"} onClick={() => change.mutate(isRight)}>
          {icon}
        </ActionIcon>
      ))}
    </>
  );
}
