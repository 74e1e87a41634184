import { createContext, use } from "react";
import type { Session } from "@/api/types";

export type SignedIn = Session & { tenant: NonNullable<Session["tenant"]> };

export const SessionContext = createContext<SignedIn | null>(null);

export function useSession(): SignedIn {
  const session = use(SessionContext);
  if (!session) throw new Error("Used outside a signed-in page");
  return session;
}

/** Whether the person's role holds a permission. The server decides again; this only spares them dead ends. */
export function useCan(): (permission: string) => boolean {
  const { permissions } = useSession();
  return (permission) => permissions.includes(permission);
}
