import { Button, Checkbox, TextInput } from "@mantine/core";
import { Dialog, FormButtons, FormMessage, FormStack, toasts, useForm } from "@parley/ui";
import { formProblem } from "@/api/problem";
import { found, type View } from "@/api/found";
import type { Filter } from "@/lib/filterNames";
import { t } from "@/strings";
import { vt } from "@/strings/conversations";

const words = vt.views;

type Props = { opened: boolean; onClose: () => void; view: View | null; filter: Filter; onSaved: (view: View) => void };

/** A new view of the filters as they are, or the name of one that is there. */
export function ViewDialog(props: Props) {
  return (
    <Dialog opened={props.opened} onClose={props.onClose} title={props.view ? words.changeTitle : words.saveTitle}>
      <ViewForm {...props} />
    </Dialog>
  );
}

function ViewForm({ view, filter, onSaved, onClose }: Props) {
  const form = useForm({
    initial: { name: view?.name ?? "", shared: view?.shared ?? false, default: view?.default ?? false },
    validate: (v) => (v.name.trim() ? {} : { name: words.nameMissing }),
    submit: async (v) => {
      const body = { ...v, name: v.name.trim() };
      onSaved(await (view ? found.changeView(view.id, body) : found.addView({ ...body, filter })));
      toasts.success(words.saved);
      onClose();
    },
    problem: formProblem,
  });
  return (
    <form {...form.formProps}>
      <FormStack>
        <FormMessage text={form.message} />
        <TextInput {...form.text("name")} label={words.name} maxLength={60} autoComplete="off" data-autofocus />
        <Checkbox label={words.shared} checked={form.values.shared} onChange={(e) => form.set("shared", e.currentTarget.checked)} />
        <Checkbox label={words.default} checked={form.values.default} onChange={(e) => form.set("default", e.currentTarget.checked)} />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button type="submit" loading={form.pending}>
            {words.submit}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
