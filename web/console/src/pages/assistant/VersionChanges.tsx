import { Dialog, ErrorState, ListSkeleton } from "@parley/ui";
import { useQuery } from "@tanstack/react-query";
import { explain } from "@/api/problem";
import { qualityQueries } from "@/api/quality";
import { DiffView } from "@/pages/knowledge/DiffView";
import { qt } from "@/strings/quality";
import classes from "./Versions.module.css";
import { profileText } from "./profileText.ts";

type Props = { assistantId: string; from: number; to: number };

/** What one version says otherwise than another. */
export function VersionChanges({ assistantId, from, to }: Props) {
  const before = useQuery(qualityQueries.version(assistantId, from));
  const after = useQuery(qualityQueries.version(assistantId, to));
  const failed = [before, after].find((q) => q.isError);
  if (failed) return <ErrorState compact detail={explain(failed.error)} onRetry={() => void failed.refetch()} />;
  if (!before.data || !after.data) return <ListSkeleton rows={3} height={20} />;
  const [left, right] = [profileText(before.data.profile), profileText(after.data.profile)];
  return left === right ? <p className={classes.muted}>{qt.quality.publish.nothingChanges}</p> : <DiffView before={left} after={right} />;
}

export function ChangesDialog({ opened, onClose, title, ...props }: Props & { opened: boolean; onClose: () => void; title: string }) {
  return (
    <Dialog size="lg" opened={opened} onClose={onClose} title={title}>
      <VersionChanges {...props} />
    </Dialog>
  );
}
