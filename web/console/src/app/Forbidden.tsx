import { EmptyState } from "@parley/ui";
import { IconLock } from "@parley/ui/icons";
import { t } from "@/strings";

/** In place of a page that somebody's role does not include. */
export function Forbidden() {
  return (
    <EmptyState icon={IconLock} title={t.forbidden}>
      {t.forbiddenText}
    </EmptyState>
  );
}
