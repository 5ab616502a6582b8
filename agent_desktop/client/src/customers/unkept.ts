import { useState } from "react";
import type { Draft } from "../desk/drafts";
import { useUnsent } from "../shell/unsent";

/**
 * What is written about no contact: drafts are kept for contacts, and this one is on the page alone.
 * Who leaves it is asked, where it is `begun`.
 */
export function useUnkept<T extends object>(empty: T, begun: (content: T) => boolean): Draft<T> {
  const [content, setContent] = useState(empty);
  useUnsent(begun(content));
  return {
    content,
    failure: null,
    change: (news) => setContent((now) => ({ ...now, ...news })),
    drop: () => setContent(empty),
  };
}
