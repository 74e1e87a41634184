import { Button } from "@mantine/core";
import { Dialog, FormButtons, FormStack } from "@parley/ui";
import { wh } from "@/strings/webhooks";

const words = wh.webhooks.detail;

/** Two ways on: with what happened meanwhile, or from now. */
export function SwitchOnDialog({ opened, onClose, onChosen }: { opened: boolean; onClose: () => void; onChosen: (skipMissed: boolean) => void }) {
  const choose = (skipMissed: boolean) => {
    onClose();
    onChosen(skipMissed);
  };
  return (
    <Dialog opened={opened} onClose={onClose} title={words.switchOnTitle}>
      <FormStack>
        <p>{words.switchOnText}</p>
        <FormButtons>
          <Button variant="default" onClick={() => choose(true)}>
            {words.fromNow}
          </Button>
          <Button data-autofocus onClick={() => choose(false)}>
            {words.catchUp}
          </Button>
        </FormButtons>
      </FormStack>
    </Dialog>
  );
}
