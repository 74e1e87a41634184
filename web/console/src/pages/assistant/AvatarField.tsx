import { Button, TextInput } from "@mantine/core";
import { FormPair } from "@parley/ui";
import { IconUpload } from "@parley/ui/icons";
import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { assistantCalls } from "@/api/assistant";
import { explain } from "@/api/problem";
import { at } from "@/strings/assistant";
import { FaceAvatar, type Face } from "./AssistantAvatar.tsx";
import { Group } from "./Group.tsx";
import { asAvatar, NoPicture } from "./picture.ts";
import classes from "./AvatarField.module.css";

const words = at.assistant.face;
type Props = { assistantId: string; name: string; value: Face; errors: Partial<Record<keyof Face, string>>; onChange: (part: Partial<Face>) => void };

/** A picture, or initials on a colour where there is none. */
export function AvatarField({ assistantId, name, value, errors, onChange }: Props) {
  const file = useRef<HTMLInputElement>(null);
  const take = useMutation({
    mutationFn: async (picture: File) => assistantCalls.addAvatar(assistantId, await asAvatar(picture)),
    onSuccess: (added) => onChange({ avatarId: added.id }),
  });
  const problem = take.error ? (take.error instanceof NoPicture ? words.pictureBad : explain(take.error)) : errors.avatarId;
  return (
    <Group title={words.picture} text={words.pictureText} error={problem}>
      <div className={classes.row}>
        <FaceAvatar assistantId={assistantId} name={name} face={value} size={56} />
        <input
          ref={file}
          type="file"
          accept="image/*"
          hidden
          onChange={(e) => {
            const chosen = e.currentTarget.files?.[0];
            e.currentTarget.value = "";
            if (chosen) take.mutate(chosen);
          }}
        />
        <Button variant="default" leftSection={<IconUpload size={16} />} loading={take.isPending} onClick={() => file.current?.click()}>
          {value.avatarId ? words.pictureOther : words.pictureChoose}
        </Button>
        {value.avatarId && (
          <Button variant="subtle" color="gray" onClick={() => onChange({ avatarId: null })}>
            {words.pictureRemove}
          </Button>
        )}
      </div>
      {!value.avatarId && (
        <FormPair>
          <TextInput
            label={words.initials}
            description={words.initialsHint}
            value={value.avatarInitials}
            error={errors.avatarInitials}
            onChange={(e) => onChange({ avatarInitials: e.currentTarget.value })}
            maxLength={8}
            autoComplete="off"
            dir="auto"
          />
          <TextInput
            label={words.color}
            description={words.colorHint}
            value={value.avatarColor}
            error={errors.avatarColor}
            onChange={(e) => onChange({ avatarColor: e.currentTarget.value })}
            maxLength={7}
            autoComplete="off"
            dir="ltr"
            leftSection={<input type="color" className={classes.swatch} aria-label={words.color} value={value.avatarColor || "#007378"} onChange={(e) => onChange({ avatarColor: e.currentTarget.value })} />}
          />
        </FormPair>
      )}
    </Group>
  );
}
