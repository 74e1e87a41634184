import { Dialog, toasts } from "@parley/ui";
import { t } from "@/strings";
import { ChangePasswordForm } from "./SignIn.tsx";

export function PasswordDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Dialog opened={opened} onClose={onClose} title={t.signIn.changeTitle}>
      <ChangePasswordForm
        first={false}
        onDone={() => {
          toasts.success(t.signIn.changed);
          onClose();
        }}
      />
    </Dialog>
  );
}
