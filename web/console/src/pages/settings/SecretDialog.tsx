import { Button } from "@mantine/core";
import { CopyButton, Dialog, FormButtons, FormStack, Hint } from "@parley/ui";
import { st } from "@/strings/settings";
import classes from "./Settings.module.css";

/** Shown once and never again: the first password of an account, the link of an invitation, an API key. */
export type Secret = { title: string; text: string; value: string };

/** Neither Escape nor a click beside it closes it: what is shown once must not vanish by a stray click. */
export function SecretDialog({ secret, onDone }: { secret: Secret | null; onDone: () => void }) {
  return (
    <Dialog opened={secret !== null} onClose={onDone} title={secret?.title} dismissable={false} size="lg">
      {secret && <ShowSecret secret={secret} onDone={onDone} />}
    </Dialog>
  );
}

export function ShowSecret({ secret, onDone }: { secret: Secret; onDone: () => void }) {
  return (
    <FormStack>
      <Hint tone="warning">{secret.text}</Hint>
      <div className={classes.secret}>
        <code dir="ltr">{secret.value}</code>
        <CopyButton text={secret.value} />
      </div>
      <FormButtons>
        <Button onClick={onDone} data-autofocus>
          {st.settings.secretDone}
        </Button>
      </FormButtons>
    </FormStack>
  );
}
