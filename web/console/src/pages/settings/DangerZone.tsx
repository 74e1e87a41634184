import { Button, PasswordInput, TextInput } from "@mantine/core";
import { Card, Dialog, FormButtons, FormMessage, FormStack, Hint, toasts, useForm } from "@parley/ui";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { privacy, type Confirmation } from "@/api/privacy";
import { formProblem } from "@/api/problem";
import { useSession } from "@/app/session";
import { t } from "@/strings";
import { pv } from "@/strings/privacy";
import classes from "./Settings.module.css";

const words = pv.privacy.danger;

/** What nothing brings back. It asks for the workspace's name, the password and the second factor. */
export function DangerZone() {
  const { tenant, role } = useSession();
  const client = useQueryClient();
  const [opened, setOpened] = useState<"conversations" | "workspace" | null>(null);
  const owner = role === "owner";
  const close = () => setOpened(null);
  const eraseAll = async (body: Confirmation) => {
    const begun = await privacy.eraseAll(body);
    toasts.success(words.begun(begun.conversations));
    close();
    void client.invalidateQueries();
  };
  // The session has ended with the workspace: the page begins anew, and asks to sign in.
  const deleteWorkspace = async (body: Confirmation) => {
    await privacy.deleteWorkspace(body);
    window.location.assign("/console/");
  };
  const rows = [
    { id: "conversations", title: words.conversations, text: words.conversationsText },
    { id: "workspace", title: words.workspace, text: words.workspaceText },
  ] as const;
  return (
    <Card title={words.title}>
      {!owner && <Hint>{words.owners}</Hint>}
      <div className={classes.stack}>
        {rows.map((row) => (
          <div key={row.id} className={classes.head}>
            <p className={classes.text}>{row.text}</p>
            <Button variant="outline" color="red" disabled={!owner} onClick={() => setOpened(row.id)}>
              {row.title}
            </Button>
          </div>
        ))}
      </div>
      <Dialog opened={opened === "conversations"} onClose={close} title={words.conversations}>
        <ConfirmForm name={tenant.name} action={words.conversations} submit={eraseAll} onClose={close} />
      </Dialog>
      <Dialog opened={opened === "workspace"} onClose={close} title={words.workspace}>
        <ConfirmForm name={tenant.name} action={words.workspace} submit={deleteWorkspace} onClose={close} />
      </Dialog>
    </Card>
  );
}

function ConfirmForm({ name, action, submit, onClose }: { name: string; action: string; submit: (body: Confirmation) => Promise<void>; onClose: () => void }) {
  const form = useForm({
    initial: { confirm: "", password: "", passcode: "" },
    validate: (v) => ({ ...(v.confirm.trim() !== name && { confirm: words.nameWrong }), ...(!v.password && { password: words.passwordMissing }) }),
    submit: (v) => submit({ confirm: v.confirm.trim(), password: v.password, passcode: v.passcode.trim() || null }),
    problem: formProblem,
  });
  return (
    <form {...form.formProps}>
      <FormStack>
        <Hint tone="danger">{words.exportFirst}</Hint>
        <FormMessage text={form.message} />
        <TextInput {...form.text("confirm")} label={words.confirmName(name)} autoComplete="off" data-autofocus />
        <PasswordInput {...form.text("password")} label={words.password} autoComplete="current-password" />
        <TextInput {...form.text("passcode")} label={words.code} description={words.codeHint} autoComplete="one-time-code" maxLength={40} />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button type="submit" color="red" loading={form.pending}>
            {action}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
