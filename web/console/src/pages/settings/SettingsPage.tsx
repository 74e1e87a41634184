import { DataTable, Page, PageHeader, Tabs, type DataTableProps } from "@parley/ui";
import { Navigate, Outlet, useRouterState } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Forbidden } from "@/app/Forbidden";
import { TabLink } from "@/app/links";
import { useCan } from "@/app/session";
import { errorOf, type Asked } from "@/app/tableOf";
import { st } from "@/strings/settings";
import classes from "./Settings.module.css";

const sections = [
  { to: "/settings/members", name: st.settings.sections.members, needs: "members:read" },
  { to: "/settings/roles", name: st.settings.sections.roles, needs: "members:read" },
  { to: "/settings/keys", name: st.settings.sections.keys, needs: "api-keys:read" },
  { to: "/settings/widget", name: st.settings.sections.widget, needs: "widgets:read" },
  { to: "/settings/brands", name: st.settings.sections.brands, needs: "widgets:read" },
  { to: "/settings/webhooks", name: st.settings.sections.webhooks, needs: "webhooks:read" },
  { to: "/settings/models", name: st.settings.sections.models, needs: "models:read" },
  { to: "/settings/jobs", name: st.settings.sections.jobs, needs: "jobs:read" },
  { to: "/settings/privacy", name: st.settings.sections.privacy, needs: "privacy:read" },
  { to: "/settings/audit", name: st.settings.sections.audit, needs: "audit:read" },
  { to: "/settings/account", name: st.settings.sections.account, needs: null },
] as const;

export function SettingsPage() {
  const can = useCan();
  const path = useRouterState({ select: (s) => s.location.pathname });
  return (
    <Page>
      <PageHeader title={st.settings.title} />
      <Tabs label={st.settings.navigation}>
        {sections
          .filter((s) => s.needs === null || can(s.needs))
          .map((s) => (
            <TabLink key={s.to} to={s.to} aria-current={path.startsWith(s.to) ? "page" : undefined}>
              {s.name}
            </TabLink>
          ))}
      </Tabs>
      <Outlet />
    </Page>
  );
}

export function SettingsIndex() {
  const can = useCan();
  const first = sections.find((s) => s.needs === null || can(s.needs));
  return first ? <Navigate to={first.to} replace /> : <Forbidden />;
}

export function Needs({ permission, children }: { permission: string; children: ReactNode }) {
  return useCan()(permission) ? children : <Forbidden />;
}

type ListSectionProps<T> = Omit<DataTableProps<T>, "error"> & {
  description: string;
  action?: ReactNode;
  query: Asked;
};

/** A section that is one list: what it is for, the action above it, and the list in whichever state it is. */
export function ListSection<T extends object>({ description, action, query, ...table }: ListSectionProps<T>) {
  return (
    <>
      <SectionHead text={description} action={action} />
      <DataTable {...table} error={errorOf(query)} />
    </>
  );
}

export function SectionHead({ text, action }: { text: string; action?: ReactNode }) {
  return (
    <div className={classes.head}>
      <p className={classes.text}>{text}</p>
      {action}
    </div>
  );
}
