import { Button } from "@mantine/core";
import { FormButtons, FormFields, FormMessage, Hint } from "@parley/ui";
import type { FormEvent, ReactNode, Ref } from "react";
import { useCan } from "@/app/session";
import { at } from "@/strings/assistant";

const words = at.assistant;

type Props = { form: { message: string | undefined; pending: boolean; formProps: { ref: Ref<HTMLFormElement>; onSubmit: (e: FormEvent) => void; noValidate: boolean } }; children: ReactNode; save?: string; /** Beside the button that saves. */ also?: ReactNode };

/** A form of the assistant's settings: read-only for those who may not change them. */
export function SettingsForm({ form, children, save = words.save, also }: Props) {
  const may = useCan()("assistant:write");
  return (
    <form {...form.formProps}>
      <FormFields disabled={!may}>
        {!may && <Hint>{words.readOnly}</Hint>}
        <FormMessage text={form.message} />
        {children}
        {may && (
          <FormButtons>
            {also}
            <Button type="submit" loading={form.pending}>
              {save}
            </Button>
          </FormButtons>
        )}
      </FormFields>
    </form>
  );
}
