import { UnstyledButton } from "@mantine/core";
import { Frame, Keys, Menu, MenuDivider, MenuItem, MenuLink, PersonAvatar, SchemeToggle, TableSetupContext, toasts, unsaved, useHotkeyHelp, useHotkeys, type NavItem, type TableSetup } from "@parley/ui";
import {
  IconArrowsExchange,
  IconBook2,
  IconBuilding,
  IconCheck,
  IconChecklist,
  IconChevronDown,
  IconCoin,
  IconFlask,
  IconHome,
  IconInbox,
  IconKeyboard,
  IconLock,
  IconLogout,
  IconMessages,
  IconSearch,
  IconSettings,
  IconSparkles,
  IconUser,
  IconWifiOff,
} from "@parley/ui/icons";
import { Link, Outlet, useBlocker, useNavigate, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useMemo, useState, type ReactNode } from "react";
import * as api from "@/api/calls";
import { explain } from "@/api/problem";
import { FeedStatusContext, useFeed } from "@/feed/useFeed";
import { useUploads } from "@/lib/uploads";
import { t } from "@/strings";
import { gate } from "./gate.ts";
import { useCan, useSession } from "./session.ts";
import classes from "./Shell.module.css";
import { invitedBy } from "./invitation.ts";
import { lazyDialog } from "./lazyDialog.tsx";
import { useAttention } from "./useAttention.ts";

const loadPalette = () => import("./CommandPalette.tsx");
const CommandPalette = lazyDialog(async () => (await loadPalette()).CommandPalette);
const JoinDialog = lazyDialog(async () => (await import("./JoinDialog.tsx")).JoinDialog);
const PasswordDialog = lazyDialog(async () => (await import("./PasswordDialog.tsx")).PasswordDialog);

const UploadTray = lazy(async () => ({ default: (await import("@/pages/knowledge/UploadTray")).UploadTray }));

const askAgain = () => gate.ask();

const saveTable: TableSetup["save"] = (name, read) => void import("./tables.ts").then((m) => m.saveTable(name, read));

/** The sections that have a page. Insights joins them with its first page: no section leads nowhere. */
const sections = [
  { id: "home", to: "/", icon: IconHome, keys: "g h", primary: true },
  { id: "inbox", to: "/inbox", icon: IconInbox, keys: "g i", primary: true, needs: "conversations:read" },
  { id: "conversations", to: "/conversations", icon: IconMessages, keys: "g c", primary: true, needs: "conversations:read" },
  { id: "tasks", to: "/tasks", icon: IconChecklist, keys: "g t", needs: "conversations:read" },
  { id: "knowledge", to: "/knowledge", icon: IconBook2, keys: "g k", primary: true, needs: "knowledge:read" },
  { id: "assistant", to: "/assistant/playground", icon: IconSparkles, keys: "g a", needs: "assistant:read" },
  { id: "quality", to: "/quality", icon: IconFlask, keys: "g q", needs: "quality:read" },
  { id: "costs", to: "/costs", icon: IconCoin, keys: "g o", needs: "costs:read" },
  { id: "settings", to: "/settings", icon: IconSettings, keys: "g s" },
] as const;

export function Shell() {
  const session = useSession();
  const can = useCan();
  const navigate = useNavigate();
  const path = useRouterState({ select: (s) => s.location.pathname });
  const status = useFeed(`${session.tenant.id}:${session.user.id}`, askAgain);
  const attention = useAttention();
  const uploads = useUploads().length;
  const interrupted = useLasting(status === "offline", 3_000);
  const [dialog, setDialog] = useState<AccountDialog | null>(() => (invitedBy() ? "join" : null));
  const open = sections.filter((s) => !("needs" in s) || can(s.needs));

  const tables = useMemo<TableSetup>(() => ({ person: session.user.id, save: saveTable }), [session.user.id]);

  // What was typed on any page and not saved is asked about once, here; a reload asks by itself.
  useBlocker({ shouldBlockFn: async () => !(await unsaved.mayLeave()), enableBeforeUnload: false });

  // Whoever presses its keys types on at once: it has to be there by then, and costs nobody who waits for a page.
  useEffect(() => {
    const later = setTimeout(() => void loadPalette(), 2_000);
    return () => clearTimeout(later);
  }, []);

  useHotkeys([
    { keys: paletteKeys, label: t.nav.find, run: () => setDialog("find") },
    ...open.map((s) => ({ keys: s.keys, label: t.nav.go(t.nav[s.id]), group: t.nav.group, run: () => void navigate({ to: s.to }) })),
  ]);

  const items = open.map(
    (s): NavItem => ({
      id: s.id,
      label: t.nav[s.id],
      icon: s.icon,
      active: s.id === "home" ? path === "/" : path.startsWith(`/${s.id}`),
      ...("primary" in s && { primary: true }),
      ...(s.id === "inbox" && { count: attention, countLabel: t.nav.waiting(attention) }),
    }),
  );
  const link = (item: NavItem, className: string, content: ReactNode) => (
    <Link to={open.find((s) => s.id === item.id)?.to ?? "/"} className={className} aria-current={item.active ? "page" : undefined}>
      {content}
    </Link>
  );

  return (
    <FeedStatusContext value={status}>
      <Frame
        items={items}
        renderLink={link}
        header={
          <>
            <TenantSwitch />
            <UnstyledButton className={classes.find} onClick={() => setDialog("find")}>
              <IconSearch size={16} aria-hidden />
              <span>{t.nav.find}</span>
              <Keys keys={paletteKeys} />
            </UnstyledButton>
          </>
        }
        footer={<AccountMenu open={setDialog} />}
        menu={<PhoneMenu open={setDialog} />}
        menuHeader={<SchemeToggle />}
        banner={interrupted ? <OfflineBanner /> : null}
      >
        <TableSetupContext value={tables}>
          <Outlet />
        </TableSetupContext>
      </Frame>
      {uploads > 0 && (
        <Suspense fallback={null}>
          <UploadTray />
        </Suspense>
      )}
      <CommandPalette opened={dialog === "find"} onClose={() => setDialog(null)} />
      <PasswordDialog opened={dialog === "password"} onClose={() => setDialog(null)} />
      <JoinDialog opened={dialog === "join"} onClose={() => setDialog(null)} />
    </FeedStatusContext>
  );
}

/** Also while a field has the focus. */
const paletteKeys = "mod+k";

type AccountDialog = "password" | "join" | "find";
type OpenDialog = { open: (dialog: AccountDialog) => void };

/** True once the condition has held for some time: a short break is nothing to report. */
function useLasting(condition: boolean, ms: number): boolean {
  const [lasted, setLasted] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLasted(condition), condition ? ms : 0);
    return () => clearTimeout(timer);
  }, [condition, ms]);
  return lasted && condition;
}

function OfflineBanner() {
  return (
    <div className={classes.banner} role="status">
      <IconWifiOff size={16} aria-hidden />
      {t.offline.banner}
    </div>
  );
}

function useSwitchTenant() {
  return (tenantId: string) =>
    api.auth.switchTenant(tenantId).then(
      () => window.location.assign("/console/"),
      (e: unknown) => toasts.error(explain(e)),
    );
}

function TenantSwitch() {
  const { tenant, tenants } = useSession();
  const change = useSwitchTenant();
  const name = (
    <>
      <img src="/console/icon.svg" width={26} height={26} alt="" />
      <span className={classes.tenantName}>{tenant.name}</span>
    </>
  );
  if (tenants.length < 2) return <div className={classes.tenant}>{name}</div>;
  return (
    <Menu
      trigger={(trigger) => (
        <UnstyledButton className={classes.tenant} title={t.nav.switchTenant} {...trigger}>
          {name}
          <IconChevronDown size={16} aria-hidden />
        </UnstyledButton>
      )}
    >
      {tenants.map((x) => (
        <MenuItem key={x.id} onSelect={() => void change(x.id)} end={x.id === tenant.id ? <IconCheck size={16} aria-hidden /> : null}>
          {x.name}
        </MenuItem>
      ))}
    </Menu>
  );
}

function AccountItems({ open }: OpenDialog) {
  const help = useHotkeyHelp();
  const navigate = useNavigate();
  const signOut = () => void api.auth.signOut().finally(() => window.location.assign("/console/"));
  return (
    <>
      <MenuItem icon={IconSearch} end={<Keys keys={paletteKeys} />} onSelect={() => open("find")}>
        {t.nav.find}
      </MenuItem>
      <MenuItem icon={IconKeyboard} end={<Keys keys="?" />} onSelect={help}>
        {t.nav.shortcuts}
      </MenuItem>
      <MenuItem icon={IconUser} onSelect={() => void navigate({ to: "/settings/account" })}>
        {t.nav.account}
      </MenuItem>
      <MenuItem icon={IconLock} onSelect={() => open("password")}>
        {t.nav.changePassword}
      </MenuItem>
      <MenuItem icon={IconBuilding} onSelect={() => open("join")}>
        {t.nav.join}
      </MenuItem>
      <MenuDivider />
      <MenuItem icon={IconLogout} onSelect={signOut}>
        {t.nav.signOut}
      </MenuItem>
    </>
  );
}

function AccountMenu({ open }: OpenDialog) {
  const { user, role } = useSession();
  return (
    <Menu
      header={<SchemeToggle />}
      trigger={(trigger) => (
        <UnstyledButton className={classes.account} {...trigger}>
          <PersonAvatar name={user.name} kind="agent" />
          <span className={classes.who}>
            <span className={classes.name}>{user.name}</span>
            <span className={classes.role}>{role}</span>
          </span>
          <IconChevronDown size={16} aria-hidden />
        </UnstyledButton>
      )}
    >
      <AccountItems open={open} />
    </Menu>
  );
}

/** The sections that do not fit into the phone's bar, and the account. */
function PhoneMenu({ open }: OpenDialog) {
  const can = useCan();
  const { tenant, tenants } = useSession();
  const change = useSwitchTenant();
  return (
    <>
      {sections
        .filter((s) => !("primary" in s) && (!("needs" in s) || can(s.needs)))
        .map((s) => (
          <MenuLink
            key={s.id}
            icon={s.icon}
            render={(link, content) => (
              <Link to={s.to} {...link}>
                {content}
              </Link>
            )}
          >
            {t.nav[s.id]}
          </MenuLink>
        ))}
      <MenuDivider />
      {tenants
        .filter((x) => x.id !== tenant.id)
        .map((x) => (
          <MenuItem key={x.id} icon={IconArrowsExchange} onSelect={() => void change(x.id)}>
            {x.name}
          </MenuItem>
        ))}
      <AccountItems open={open} />
    </>
  );
}
