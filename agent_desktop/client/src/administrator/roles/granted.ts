/** The permission matrix by permission. */

export interface Granted {
  permission: string;
  /** In the page's language. */
  label: string;
  roles: readonly string[];
}

export function granted(
  roles: Readonly<Record<string, readonly string[]>>,
  labelOf: (permission: string) => string,
): Granted[] {
  const permissions = [...new Set(Object.values(roles).flat())].sort();
  return permissions.map((permission) => ({
    permission,
    label: labelOf(permission),
    roles: Object.keys(roles).filter((role) => roles[role]?.includes(permission)),
  }));
}

/** Those in whose words all that was typed is found, in capitals or not. */
export function matching<Named extends Pick<Granted, "permission" | "label">>(
  rows: readonly Named[],
  typed: string,
): Named[] {
  const parts = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ permission, label }) => {
    const text = `${permission} ${label}`.toLowerCase();
    return parts.every((part) => text.includes(part));
  });
}
