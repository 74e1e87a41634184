import { Button, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { qt } from "@/strings/quality";
import { SettingsForm } from "./SettingsForm.tsx";
import type { useProfileForm } from "./useProfileForm.ts";

type Props = { edited: Pick<ReturnType<typeof useProfileForm>, "note" | "setNote" | "draft"> & { form: Parameters<typeof SettingsForm>[0]["form"] }; children: ReactNode };

/** A form of the profile with the two ways to save it. */
export function DraftForm({ edited, children }: Props) {
  return (
    <SettingsForm
      form={edited.form}
      save={qt.quality.publish.open}
      also={
        <Button variant="default" disabled={edited.form.pending} onClick={edited.draft}>
          {qt.quality.versions.draft}
        </Button>
      }
    >
      {children}
      <TextInput
        label={qt.quality.versions.note}
        description={qt.quality.versions.noteHint}
        value={edited.note}
        onChange={(e) => edited.setNote(e.currentTarget.value)}
        maxLength={200}
        autoComplete="off"
      />
    </SettingsForm>
  );
}
