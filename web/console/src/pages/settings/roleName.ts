import type { Role } from "@/api/types";

export function roleName(roles: readonly Role[], key: string): string {
  return roles.find((r) => r.key === key)?.name ?? key;
}
