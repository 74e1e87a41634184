import { EmptyState, ErrorState } from "@parley/ui";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { explain, Problem } from "@/api/problem";
import { t } from "@/strings";
import { ButtonLink } from "./links.tsx";

/** A page's code that is no longer on the server: a new version was installed while this one was open. */
const isStaleBuild = (error: unknown) => error instanceof TypeError && /dynamically imported module|module script/i.test(error.message);

export function RouteError({ error }: ErrorComponentProps) {
  if (isStaleBuild(error)) return <ErrorState title={t.error.newVersion} detail="" onRetry={() => window.location.reload()} />;
  return <ErrorState title={t.error.pageTitle} detail={error instanceof Problem ? explain(error) : t.problem.unexpected} onRetry={() => window.location.reload()} />;
}

export function NotFound() {
  return (
    <EmptyState
      title={t.error.notFound}
      action={
        <ButtonLink to="/" variant="default">
          {t.error.home}
        </ButtonLink>
      }
    >
      {t.error.notFoundText}
    </EmptyState>
  );
}
