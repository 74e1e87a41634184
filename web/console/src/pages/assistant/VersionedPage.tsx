import { Button } from "@mantine/core";
import { Card, ErrorState, Hint, ListSkeleton, Page, PageHeader } from "@parley/ui";
import { IconHistory } from "@parley/ui/icons";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { explain } from "@/api/problem";
import { qualityQueries } from "@/api/quality";
import { queries } from "@/api/queries";
import type { AssistantDetail, AssistantProfile } from "@/api/types";
import { lazyDialog } from "@/app/lazyDialog";
import { t } from "@/strings";
import { qt } from "@/strings/quality";
import classes from "./AssistantSettings.module.css";
import { AssistantTabs } from "./AssistantTabs.tsx";

const PublishDialog = lazyDialog(async () => (await import("./PublishDialog.tsx")).PublishDialog);
const VersionsDialog = lazyDialog(async () => (await import("./VersionsDialog.tsx")).VersionsDialog);

export type EditProps = {
  assistant: AssistantDetail;
  profile: AssistantProfile;
  version: number;
  inForce: number;
  onEdit: (version: number | undefined) => void;
  onPublish: (version: number) => void;
};

type Props = { at: "/assistant/profile" | "/assistant/answers"; description: string; /** Beside the form, so that it must not be narrow. */ wide?: boolean; children: (edit: EditProps) => ReactNode };

/** A page that edits a part of the assistant's profile: of the version in force, or of the one that the address names. */
export function VersionedPage({ at, description, wide = false, children }: Props) {
  const { version } = useSearch({ strict: false }) as { version?: number };
  const navigate = useNavigate();
  const assistant = useQuery(queries.assistant);
  const id = assistant.data?.id ?? "";
  const draft = useQuery({ ...qualityQueries.version(id, version ?? 0), enabled: version !== undefined && id !== "" });
  const [dialog, setDialog] = useState<"versions" | { publish: number } | null>(null);
  const edit = (to: number | undefined) => {
    setDialog(null);
    void navigate({ to: at, search: to === undefined ? {} : { version: to }, replace: true });
  };
  const failed = [assistant, ...(version === undefined ? [] : [draft])].find((q) => q.isError || (q.isSuccess && !q.data));
  const inForce = assistant.data?.publishedVersion ?? 0;
  const shown = version === undefined || version === inForce ? assistant.data?.profile : draft.data?.profile;
  const publishing = typeof dialog === "object" && dialog !== null;
  return (
    <Page>
      <PageHeader
        title={t.assistant.title}
        description={description}
        actions={
          <Button variant="default" leftSection={<IconHistory size={16} />} disabled={!assistant.data} onClick={() => setDialog("versions")}>
            {qt.quality.versions.open}
          </Button>
        }
      />
      <AssistantTabs active={at === "/assistant/profile" ? "profile" : "answers"} />
      {failed ? (
        <Card>
          <ErrorState detail={explain(failed.error)} onRetry={() => void failed.refetch()} />
        </Card>
      ) : !shown || !assistant.data ? (
        <ListSkeleton rows={4} height={150} gap={16} />
      ) : (
        <div key={`${inForce}/${version ?? ""}`} className={wide ? classes.wide : classes.narrow}>
          {version !== undefined && version !== inForce && (
            <Hint>
              {qt.quality.versions.editing(qt.quality.version(version))}{" "}
              <button type="button" className={classes.inline} onClick={() => edit(undefined)}>
                {qt.quality.versions.leave}
              </button>
            </Hint>
          )}
          {children({ assistant: assistant.data, profile: shown, version: version ?? inForce, inForce, onEdit: edit, onPublish: (to) => setDialog({ publish: to }) })}
        </div>
      )}
      <VersionsDialog opened={dialog === "versions"} onClose={() => setDialog(null)} assistantId={id} inForce={inForce} onEdit={edit} onPublish={(to) => setDialog({ publish: to })} />
      <PublishDialog opened={publishing} onClose={() => setDialog(null)} version={publishing ? dialog.publish : 0} onPublished={() => edit(undefined)} />
    </Page>
  );
}
