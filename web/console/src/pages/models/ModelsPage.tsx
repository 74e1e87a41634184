import { Card, EmptyState, ErrorState, Hint, ListSkeleton } from "@parley/ui";
import { IconSparkles } from "@parley/ui/icons";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { modelQueries } from "@/api/models";
import { explain } from "@/api/problem";
import { useCan } from "@/app/session";
import { Needs } from "@/pages/settings/SettingsPage";
import { mo } from "@/strings/models";
import { AccountsCard } from "./AccountsCard.tsx";
import classes from "./Models.module.css";

// Below the first screen, and most of the page's code.
const ChoicesForm = lazy(async () => ({ default: (await import("./ChoicesForm.tsx")).ChoicesForm }));
const CatalogueCard = lazy(async () => ({ default: (await import("./CatalogueCard.tsx")).CatalogueCard }));

const words = mo.models;

/** Accounts of providers, which model serves what, and what they cost. */
export function ModelsPage() {
  return (
    <Needs permission="models:read">
      <Models />
    </Needs>
  );
}

function Models() {
  const may = useCan()("models:write");
  const accounts = useQuery(modelQueries.accounts);
  const settings = useQuery(modelQueries.settings);
  const catalogue = useQuery(modelQueries.catalogue);
  const failed = [accounts, settings, catalogue].find((q) => q.isError && !q.data);
  if (failed) {
    return (
      <Card>
        <ErrorState detail={explain(failed.error)} onRetry={() => void failed.refetch()} />
      </Card>
    );
  }
  if (!accounts.data || !settings.data || !catalogue.data) return <ListSkeleton rows={4} height={120} gap={16} />;
  const empty = accounts.data.length === 0;
  return (
    <div className={classes.page}>
      {!may && <Hint>{words.readOnly}</Hint>}
      {settings.data.warnings.length > 0 && (
        <Hint tone="warning">
          <ul className={classes.warnings}>
            {settings.data.warnings.map((w) => (
              <li key={w}>{w}</li>
            ))}
          </ul>
        </Hint>
      )}
      {empty && (
        <Card>
          <EmptyState icon={IconSparkles} title={words.none.title}>
            {words.none.text}
          </EmptyState>
        </Card>
      )}
      <AccountsCard accounts={accounts.data} catalogue={catalogue.data} may={may} />
      <Suspense fallback={<ListSkeleton rows={3} height={120} gap={16} />}>
        {(!empty || settings.data.settings.choices.length > 0) && <ChoicesForm detail={settings.data} accounts={accounts.data} catalogue={catalogue.data.models} may={may} />}
        <CatalogueCard catalogue={catalogue.data} detail={settings.data} may={may} />
      </Suspense>
    </div>
  );
}
