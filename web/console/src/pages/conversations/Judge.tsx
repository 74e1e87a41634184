import { ActionIcon } from "@mantine/core";
import { IconThumbDown, IconThumbUp } from "@parley/ui/icons";
import { useQuery } from "@tanstack/react-query";
import { confidence, confidenceQueries, type Judgement } from "@/api/confidence";
import { useOptimistic } from "@/app/optimistic";
import { useCan } from "@/app/session";
import { t } from "@/strings";

const words = t.conversation;

/** Right or wrong, as somebody of the team sees it; the confidence learns from it. Choosing again takes it back. */
export function Judge({ conversationId, turnId }: { conversationId: string; turnId: string }) {
  const may = useCan()("conversations:write");
  const query = confidenceQueries.judgements(conversationId);
  const { data: list } = useQuery(query);
  const now = list?.find((j) => j.turnId === turnId)?.isRight ?? null;
  const change = useOptimistic<boolean | null>({
    scope: `judgement:${turnId}`,
    run: (next) => (next === null ? confidence.unjudge(turnId) : confidence.judge(turnId, next)),
    touches: [query.queryKey, confidenceQueries.report.queryKey],
    show: (client, next) =>
      client.setQueryData(query.queryKey, (old) => {
        const others = (old ?? []).filter((j) => j.turnId !== turnId);
        // Who judged and when comes with the answer.
        return next === null ? others : [...others, { ...old?.find((j) => j.turnId === turnId), turnId, isRight: next } as Judgement];
      }),
    said: (next) => (next === null ? words.judgeNone : next ? words.judgedRight : words.judgedWrong),
    opposite: () => now,
  });
  if (!list || (!may && now === null)) return null;
  return (
    <>
      {[
        { isRight: true, name: words.judgeRight, icon: <IconThumbUp size={16} /> },
        { isRight: false, name: words.judgeWrong, icon: <IconThumbDown size={16} /> },
      ].map(({ isRight, name, icon }) => (
        <ActionIcon key={name} size="sm" aria-label={name} title={name} aria-pressed={now === isRight} disabled={!may} color={now === isRight ? undefined : "gray"} onClick={() => change.run(isRight === now ? null : isRight)}>
          {icon}
        </ActionIcon>
      ))}
    </>
  );
}
