import { toasts, useForm } from "@parley/ui";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { nestedProblem, Problem } from "@/api/problem";
import { versions } from "@/api/quality";
import { queries } from "@/api/queries";
import type { AssistantProfile } from "@/api/types";
import { at } from "@/strings/assistant";
import { qt } from "@/strings/quality";
import { sameProfile } from "./profileText.ts";
import type { EditProps } from "./VersionedPage.tsx";

const words = at.assistant;

type Options<V> = {
  initial: V;
  validate: (values: V) => Partial<Record<keyof V, string>>;
  /** The whole profile: what the form does not show stays as it is. */
  body: (values: V) => AssistantProfile;
};

/** The form of a part of the profile: saved as a draft, or published, with the comparison first where one is due. */
export function useProfileForm<V extends Record<string, unknown>>({ assistant, profile, version, inForce, onEdit, onPublish }: EditProps, options: Options<V>) {
  const client = useQueryClient();
  const drafting = useRef(false);
  const [note, setNote] = useState("");
  const save = async (body: AssistantProfile): Promise<number> => {
    if (version !== inForce && sameProfile(body, profile)) return version;
    const saved = await versions.save(assistant.id, { profile: body, ...(note.trim() && { note: note.trim() }) });
    void client.invalidateQueries({ queryKey: ["assistant-versions"] });
    return saved.version;
  };
  const publish = async (to: number) => {
    try {
      client.setQueryData(queries.assistant.queryKey, await versions.publish(assistant.id, { version: to, withoutComparison: false }));
      void client.invalidateQueries({ queryKey: ["assistant-versions"] });
      toasts.success(words.saved);
      onEdit(undefined);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "comparison_missing") throw error;
      onEdit(to);
      onPublish(to);
    }
  };
  const form = useForm<V>({
    initial: options.initial,
    validate: options.validate,
    submit: async (v) => {
      const asDraft = drafting.current;
      const to = await save(options.body(v));
      if (!asDraft) return publish(to);
      toasts.success(qt.quality.versions.drafted(to));
      onEdit(to);
    },
    problem: nestedProblem,
  });
  const draft = () => {
    drafting.current = true;
    form.formProps.ref.current?.requestSubmit();
    drafting.current = false;
  };
  return { form, note, setNote, draft };
}
