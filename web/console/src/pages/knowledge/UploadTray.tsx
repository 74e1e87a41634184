import { ActionIcon } from "@mantine/core";
import { Meter } from "@parley/ui";
import { IconX } from "@parley/ui/icons";
import { useQuery } from "@tanstack/react-query";
import { Link, useRouterState } from "@tanstack/react-router";
import { queries } from "@/api/queries";
import { dismissUpload, useUploads, type Upload } from "@/lib/uploads";
import { t } from "@/strings";
import { kt } from "@/strings/knowledge";
import classes from "./Knowledge.module.css";

const words = kt.knowledge.progress;

/** Imports started in this tab, shown wherever the person goes; their own page shows more. */
export function UploadTray() {
  const path = useRouterState({ select: (s) => s.location.pathname });
  const shown = useUploads().filter((u) => !path.endsWith(u.sourceId));
  if (shown.length === 0) return null;
  return (
    <div className={classes.tray} role="region" aria-label={words.title}>
      {shown.map((u) => (
        <TrayItem key={u.importId} upload={u} />
      ))}
    </div>
  );
}

function TrayItem({ upload: u }: { upload: Upload }) {
  const { data } = useQuery(queries.import(u.importId));
  const sending = u.phase === "sending";
  const failed = u.phase === "failed" || data?.state === "failed";
  const over = failed || u.phase === "cancelled" || data?.state === "succeeded" || data?.state === "cancelled";
  const read = data ? data.added + data.changed + data.unchanged + data.failed : 0;
  const [done, total] = sending ? [u.sent, u.total] : [read, data?.total ?? u.total];
  return (
    <div className={classes.trayItem}>
      <div className={classes.trayTop}>
        <Link to="/knowledge/sources/$sourceId" params={{ sourceId: u.sourceId }} className={classes.trayName}>
          {failed ? words.failed(u.name) : over ? words.done(u.name) : u.name}
        </Link>
        {over && (
          <ActionIcon size="sm" aria-label={t.close} onClick={() => dismissUpload(u.importId)}>
            <IconX size={14} />
          </ActionIcon>
        )}
      </div>
      {!over && (
        <>
          <Meter size="sm" value={done} max={Math.max(1, total)} label={u.name} />
          <span className={classes.muted}>{sending ? words.uploading(done, total) : words.running(done, total)}</span>
        </>
      )}
    </div>
  );
}
