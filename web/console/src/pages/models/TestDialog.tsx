import { Button } from "@mantine/core";
import { Dialog, FormButtons, FormStack } from "@parley/ui";
import type { CatalogueEntry, CatalogueProvider, ModelAccount } from "@/api/models";
import { mo } from "@/strings/models";
import { ConnectionTest } from "./ConnectionTest.tsx";

const words = mo.models.test;
type Props = { opened: boolean; onClose: () => void; account: ModelAccount | null; catalogue: readonly CatalogueEntry[]; providers: readonly CatalogueProvider[] };

export function TestDialog({ opened, onClose, account, catalogue, providers }: Props) {
  if (!account) return null;
  const makes = providers.find((p) => p.kind === account.provider)?.makes ?? [];
  return (
    <Dialog size="lg" opened={opened} onClose={onClose} title={words.title(account.name)}>
      <FormStack>
        <ConnectionTest provider={account.provider} id={account.id} makes={makes} catalogue={catalogue} text={words.text} />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            {words.close}
          </Button>
        </FormButtons>
      </FormStack>
    </Dialog>
  );
}
