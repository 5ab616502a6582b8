import { useCallback } from "react";
import { useSearchParams } from "react-router";

const ABOUT = ["agent", "contact", "alert"] as const;

type About = Partial<Record<(typeof ABOUT)[number], string>>;

/** What the drawer is about: in the page's address, so that it can be sent to somebody, and Back closes it. */
export function useDrawer(): {
  agent: string | null;
  contact: string | null;
  alert: string | null;
  show(what: About): void;
  close(): void;
} {
  const [search, setSearch] = useSearchParams();
  const show = useCallback(
    (what: About) =>
      setSearch((before) => {
        const after = new URLSearchParams(before);
        for (const name of ABOUT) {
          const value = what[name];
          if (value) after.set(name, value);
          else after.delete(name);
        }
        return after;
      }),
    [setSearch],
  );
  const close = useCallback(() => show({}), [show]);
  const [agent, contact, alert] = ABOUT.map((name) => search.get(name)) as [
    string | null,
    string | null,
    string | null,
  ];
  return { agent, contact, alert, show, close };
}
