import { ActionIcon, Button, TextInput } from "@mantine/core";
import { Dialog, ErrorState, FormButtons, FormMessage, FormStack, Hint, ListSkeleton, Menu, MenuItem, toasts, useForm } from "@parley/ui";
import { IconTrash, IconUser } from "@parley/ui/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { privacy, privacyQueries } from "@/api/privacy";
import { explain, formProblem } from "@/api/problem";
import { t } from "@/strings";
import { pv } from "@/strings/privacy";

const words = pv.privacy.erase;

/** Deletes a conversation, or its customer with all conversations, for good. */
export function EraseMenu({ conversationId, customerId, customerName }: { conversationId: string; customerId: string; customerName: string }) {
  const [opened, setOpened] = useState<"conversation" | "customer" | null>(null);
  const client = useQueryClient();
  const navigate = useNavigate();
  const close = () => setOpened(null);
  const gone = async () => {
    toasts.success(words.done);
    await navigate({ to: "/conversations" });
    client.removeQueries({ predicate: (q) => q.queryKey.includes(conversationId) });
    void client.invalidateQueries();
  };
  return (
    <>
      <Menu
        align="end"
        trigger={(trigger) => (
          <ActionIcon variant="default" size="lg" aria-label={words.menu} {...trigger}>
            <IconTrash size={16} />
          </ActionIcon>
        )}
      >
        <MenuItem icon={IconTrash} onSelect={() => setOpened("conversation")}>
          {words.conversation}
        </MenuItem>
        <MenuItem icon={IconUser} onSelect={() => setOpened("customer")}>
          {words.customer}
        </MenuItem>
      </Menu>
      <Dialog opened={opened === "conversation"} onClose={close} title={words.conversationTitle}>
        <EraseForm text={words.conversationText} submit={(confirm) => privacy.eraseConversation(conversationId, confirm)} onDone={gone} onClose={close} />
      </Dialog>
      <Dialog opened={opened === "customer"} onClose={close} title={words.customerTitle}>
        <EraseCustomer id={customerId} name={customerName} onDone={gone} onClose={close} />
      </Dialog>
    </>
  );
}

function EraseCustomer({ id, name, onDone, onClose }: { id: string; name: string; onDone: () => Promise<void>; onClose: () => void }) {
  const customer = useQuery(privacyQueries.customer(id));
  if (customer.isPending) return <ListSkeleton rows={3} height={48} />;
  if (customer.isError) return <ErrorState compact detail={explain(customer.error)} onRetry={() => void customer.refetch()} />;
  return <EraseForm text={words.customerText(name, customer.data.conversations)} submit={(confirm) => privacy.eraseCustomer(id, confirm)} onDone={onDone} onClose={onClose} />;
}

function EraseForm({ text, submit, onDone, onClose }: { text: string; submit: (confirm: string) => Promise<unknown>; onDone: () => Promise<void>; onClose: () => void }) {
  const form = useForm({
    initial: { confirm: "" },
    validate: (v) => ({ ...(v.confirm.trim() !== words.word && { confirm: words.typeWrong }) }),
    submit: async (v) => {
      await submit(v.confirm.trim());
      await onDone();
    },
    problem: formProblem,
  });
  return (
    <form {...form.formProps}>
      <FormStack>
        <Hint tone="danger">{text}</Hint>
        <FormMessage text={form.message} />
        <TextInput {...form.text("confirm")} label={words.type} autoComplete="off" data-autofocus autoFocus />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button type="submit" color="red" loading={form.pending}>
            {words.menu}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
