import { PersonAvatar } from "@parley/ui";
import { IconSparkles } from "@parley/ui/icons";
import { useQuery } from "@tanstack/react-query";
import type { CSSProperties } from "react";
import { queries } from "@/api/queries";
import { useCan } from "@/app/session";
import { onColor } from "@/lib/onColor";
import classes from "./AssistantAvatar.module.css";

export type Face = { avatarId: string | null; avatarInitials: string; avatarColor: string };
type Props = { assistantId: string; name: string; face: Face; size?: number };

/** An assistant as customers see it: its picture, or its initials. Decorative: the name always stands beside it. */
export function FaceAvatar({ assistantId, name, face, size = 28 }: Props) {
  if (face.avatarId) return <img className={classes.picture} src={`/v1/assistants/${assistantId}/avatars/${face.avatarId}`} width={size} height={size} alt="" />;
  const style = (face.avatarColor ? { "--face": face.avatarColor, "--on-face": onColor(face.avatarColor) } : {}) as CSSProperties;
  return (
    <span className={classes.initials} style={style} data-own={face.avatarColor ? "" : undefined}>
      <PersonAvatar name={face.avatarInitials ? [...face.avatarInitials].join(" ") : name} kind="assistant" size={size} />
    </span>
  );
}

/** The workspace's assistant with the profile in force; a sign that it is one, where nobody has given it a face. */
export function AssistantAvatar({ name, size = 28 }: { name: string; size?: number }) {
  const assistant = useQuery({ ...queries.assistant, enabled: useCan()("assistant:read"), staleTime: 60_000 }).data;
  const own = assistant && (assistant.profile.avatarId || assistant.profile.avatarInitials || assistant.profile.avatarColor);
  return own ? <FaceAvatar assistantId={assistant.id} name={assistant.name} face={assistant.profile} size={size} /> : <PersonAvatar name={name} kind="assistant" size={size} icon={<IconSparkles size={size * 0.54} />} />;
}
