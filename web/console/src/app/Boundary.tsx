import { Button, Loader } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useEffectEvent, useSyncExternalStore, type ReactNode } from "react";
import { Dialog, ListSkeleton, toasts } from "@parley/ui";
import * as api from "@/api/calls";
import { explain, Problem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Session } from "@/api/types";
import { t } from "@/strings";
import { armGate, gate } from "./gate.ts";
import { SessionContext, type SignedIn } from "./session.ts";
import { passwordLinkOpened } from "./invitation.ts";
import { Centered } from "./Centered.tsx";
import classes from "./SignIn.module.css";

const SignInForm = lazy(async () => ({ default: (await import("./SignIn.tsx")).SignInForm }));
const ChangePasswordForm = lazy(async () => ({ default: (await import("./SignIn.tsx")).ChangePasswordForm }));
const NewPasswordForm = lazy(async () => ({ default: (await import("./SignIn.tsx")).NewPasswordForm }));
const SetUpSecondFactor = lazy(async () => ({ default: (await import("@/pages/settings/SecondFactor")).SetUpSecondFactor }));
const formRow = { height: 60, gap: 16 };

/** Nothing of the console is shown to anyone who is not signed in. The address stays, so that signing in leads to it. */
export function Boundary({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const session = useQuery(queries.session);
  const signedIn = (s: Session) => {
    client.removeQueries({ predicate: (q) => q.queryKey[0] !== "session" });
    client.setQueryData(queries.session.queryKey, s);
  };
  const signOut = () => void api.auth.signOut().finally(() => window.location.reload());

  const link = passwordLinkOpened();
  if (link)
    return (
      <Centered title={t.signIn.linkTitle} text={t.signIn.linkText}>
        <Suspense fallback={<ListSkeleton rows={3} {...formRow} />}>
          <NewPasswordForm
            link={link}
            onDone={() => {
              window.location.replace("/console/");
            }}
          />
        </Suspense>
      </Centered>
    );
  if (session.isPending)
    return (
      <div className={classes.page}>
        <Loader m="auto" aria-label={t.product} />
      </div>
    );
  if (session.isError) {
    if (session.error instanceof Problem && session.error.status === 401)
      return (
        <Centered title={t.signIn.title}>
          <Suspense fallback={<ListSkeleton rows={3} {...formRow} />}>
            <SignInForm onDone={signedIn} />
          </Suspense>
          <p className={classes.below}>{t.signIn.forgotten}</p>
        </Centered>
      );
    return (
      <Centered title={t.signIn.failedTitle} text={explain(session.error)}>
        <Button onClick={() => void session.refetch()} loading={session.isFetching}>
          {t.inbox.tryAgain}
        </Button>
      </Centered>
    );
  }
  if (session.data.mustChangePassword)
    return (
      <Centered title={t.signIn.firstTitle} text={t.signIn.firstText}>
        <Suspense fallback={<ListSkeleton rows={4} {...formRow} />}>
          <ChangePasswordForm
            first
            onDone={() => {
              toasts.success(t.signIn.changed);
              void client.invalidateQueries({ queryKey: queries.session.queryKey });
            }}
          />
        </Suspense>
      </Centered>
    );
  if (session.data.mustSetUpSecondFactor)
    return (
      <Centered title={t.signIn.factorTitle} text={t.signIn.factorText}>
        <Suspense fallback={<ListSkeleton rows={4} {...formRow} />}>
          <SetUpSecondFactor onDone={() => void client.invalidateQueries({ queryKey: queries.session.queryKey })} />
        </Suspense>
        <Button variant="subtle" fullWidth mt="md" onClick={signOut}>
          {t.nav.signOut}
        </Button>
      </Centered>
    );
  if (!session.data.tenant)
    return (
      <Centered title={t.signIn.noTenantTitle} text={t.signIn.noTenantText}>
        <Button variant="default" onClick={signOut}>
          {t.nav.signOut}
        </Button>
      </Centered>
    );
  return (
    <SessionContext value={session.data as SignedIn}>
      {children}
      <ExpiredDialog session={session.data} />
    </SessionContext>
  );
}

/** Between the windows of a browser. */
const signedInAgain = "parley-signed-in";

/** Over the page, not instead of it: everything typed is still there afterwards. */
function ExpiredDialog({ session }: { session: Session }) {
  const client = useQueryClient();
  const open = useSyncExternalStore(gate.subscribe, gate.isOpen);
  useEffect(armGate, []);
  const done = (next: Session) => {
    if (next.user.id !== session.user.id || next.tenant?.id !== session.tenant?.id) {
      toasts.show({ kind: "info", text: t.signIn.otherUser });
      window.location.reload();
      return;
    }
    client.setQueryData(queries.session.queryKey, next);
    gate.settle();
  };
  const signedIn = (next: Session) => {
    const others = new BroadcastChannel(signedInAgain);
    others.postMessage(null);
    others.close();
    done(next);
  };
  // Who signed in again in one window need not do it in each.
  const look = useEffectEvent(() => void api.auth.session().then(done, () => undefined));
  useEffect(() => {
    if (!open) return;
    const channel = new BroadcastChannel(signedInAgain);
    const onNews = () => look();
    channel.addEventListener("message", onNews);
    window.addEventListener("focus", onNews);
    return () => {
      channel.close();
      window.removeEventListener("focus", onNews);
    };
  }, [open]);
  return (
    <Dialog opened={open} onClose={() => {}} dismissable={false} title={t.signIn.expiredTitle}>
      <p className={classes.expired}>{t.signIn.expiredText}</p>
      <Suspense fallback={<ListSkeleton rows={3} {...formRow} />}>
        <SignInForm email={session.user.email} onDone={signedIn} />
      </Suspense>
    </Dialog>
  );
}
