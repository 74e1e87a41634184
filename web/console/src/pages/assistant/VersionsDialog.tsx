import { Button } from "@mantine/core";
import { Dialog, ErrorState, FormButtons, ListSkeleton, Pill, RelativeTime, VersionList } from "@parley/ui";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { explain } from "@/api/problem";
import { qualityQueries } from "@/api/quality";
import { queries } from "@/api/queries";
import { useCan } from "@/app/session";
import { nameOf } from "@/pages/quality/verdict";
import { at } from "@/strings/assistant";
import { qt } from "@/strings/quality";
import { VersionChanges } from "./VersionChanges.tsx";
import classes from "./Versions.module.css";

const words = qt.quality.versions;
type Props = { opened: boolean; onClose: () => void; assistantId: string; inForce: number; onEdit: (version: number) => void; onPublish: (version: number) => void };

/** Every version that was saved, by whom, and what it says otherwise than the one in force. */
export function VersionsDialog({ opened, onClose, assistantId, inForce, onEdit, onPublish }: Props) {
  const can = useCan();
  const list = useQuery(qualityQueries.versions(assistantId));
  const members = useQuery({ ...queries.members, enabled: can("members:read") });
  const [chosen, setChosen] = useState<number | null>(null);
  const names = new Map(members.data?.items.map((m) => [m.userId, m.name]));
  const items = [...(list.data?.items ?? []), { version: 0, note: null, createdBy: null, createdAt: null }];
  const shown = chosen ?? items.find((v) => v.version !== inForce)?.version ?? inForce;
  return (
    <Dialog side opened={opened} onClose={onClose} title={words.title}>
      {list.isPending ? (
        <ListSkeleton rows={4} />
      ) : list.isError ? (
        <ErrorState compact detail={explain(list.error)} onRetry={() => void list.refetch()} />
      ) : (
        <VersionList
          items={items.map((v) => ({
            version: v.version,
            name: [nameOf(v.version), v.note].filter(Boolean).join(": "),
            note: (
              <span className={classes.note}>
                {v.createdBy && names.has(v.createdBy) && <span>{words.by(names.get(v.createdBy) ?? "")}</span>}
                {v.createdAt && <RelativeTime short at={v.createdAt} />}
                {v.version === inForce && <Pill tone="success">{words.inForce}</Pill>}
              </span>
            ),
          }))}
          chosen={shown}
          onChoose={setChosen}
        >
          {shown !== inForce && (
            <section className={classes.comparison}>
              <strong>{words.changes}</strong>
              <VersionChanges assistantId={assistantId} from={inForce} to={shown} />
              <Link to="/assistant/playground" search={{ version: shown }} onClick={onClose}>
                {at.assistant.pair.try}
              </Link>
              {can("assistant:write") && (
                <FormButtons>
                  <Button variant="default" onClick={() => onEdit(shown)}>
                    {words.edit}
                  </Button>
                  <Button onClick={() => onPublish(shown)}>{shown < inForce ? words.rollBack : words.publish}</Button>
                </FormButtons>
              )}
            </section>
          )}
        </VersionList>
      )}
    </Dialog>
  );
}
