import { useCallback } from "react";
import { useSearchParams } from "react-router";

/** What the drawer is about: in the page's address, so that it can be sent to somebody, and Back closes it. */
export function useDrawer(): {
  agent: string | null;
  contact: string | null;
  show(what: { agent?: string; contact?: string }): void;
  close(): void;
} {
  const [search, setSearch] = useSearchParams();
  const show = useCallback(
    (what: { agent?: string; contact?: string }) =>
      setSearch((before) => {
        const after = new URLSearchParams(before);
        for (const name of ["agent", "contact"] as const) {
          const value = what[name];
          if (value) after.set(name, value);
          else after.delete(name);
        }
        return after;
      }),
    [setSearch],
  );
  const close = useCallback(() => show({}), [show]);
  return { agent: search.get("agent"), contact: search.get("contact"), show, close };
}
