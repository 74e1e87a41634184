import { EmptyState, Page, PageHeader } from "@parley/ui";
import { IconLock } from "@parley/ui/icons";
import { Link, Navigate, Outlet, useRouterState } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useCan } from "@/app/session";
import { t } from "@/strings";
import classes from "./Settings.module.css";

const sections = [
  { to: "/settings/members", name: t.settings.sections.members, needs: "members:read" },
  { to: "/settings/keys", name: t.settings.sections.keys, needs: "api-keys:read" },
  { to: "/settings/widget", name: t.settings.sections.widget, needs: "widgets:read" },
  { to: "/settings/audit", name: t.settings.sections.audit, needs: "audit:read" },
] as const;

export function SettingsPage() {
  const can = useCan();
  const path = useRouterState({ select: (s) => s.location.pathname });
  return (
    <Page>
      <PageHeader title={t.settings.title} />
      <nav className={classes.tabs} aria-label={t.settings.navigation}>
        {sections
          .filter((s) => can(s.needs))
          .map((s) => (
            <Link key={s.to} to={s.to} className={classes.tab} aria-current={path.startsWith(s.to) ? "page" : undefined}>
              {s.name}
            </Link>
          ))}
      </nav>
      <Outlet />
    </Page>
  );
}

export function SettingsIndex() {
  const can = useCan();
  const first = sections.find((s) => can(s.needs));
  return first ? <Navigate to={first.to} replace /> : <Forbidden />;
}

function Forbidden() {
  return (
    <EmptyState icon={IconLock} title={t.settings.forbidden}>
      {t.settings.forbiddenText}
    </EmptyState>
  );
}

export function Needs({ permission, children }: { permission: string; children: ReactNode }) {
  return useCan()(permission) ? children : <Forbidden />;
}

export function SectionHead({ text, action }: { text: string; action?: ReactNode }) {
  return (
    <div className={classes.head}>
      <p className={classes.text}>{text}</p>
      {action}
    </div>
  );
}
