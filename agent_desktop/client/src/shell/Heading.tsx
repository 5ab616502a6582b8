import { useEffect, useRef } from "react";
import { useLocation } from "react-router";
import { useWords } from "../words/words";

const NAME = "Hotline";

/** The window has the name of the page's heading; whoever went to another page is at its heading. */
export function Heading() {
  const { pathname } = useLocation();
  const { language } = useWords();
  const before = useRef(pathname);
  // biome-ignore lint/correctness/useExhaustiveDependencies: in another language it is read anew
  useEffect(() => {
    let went = before.current !== pathname;
    before.current = pathname;
    const root = document.getElementById("root")!;
    let heading: HTMLElement | null = null;
    const look = () => {
      if (heading?.isConnected) return;
      heading = root.querySelector("h1");
      document.title = heading?.textContent ? `${heading.textContent} · ${NAME}` : NAME;
      if (!heading || !went) return;
      went = false; // what is drawn later belongs to the same page
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    };
    const seen = new MutationObserver(look); // a page comes when it is read; after the log-in the desk stands there
    seen.observe(root, { childList: true, subtree: true });
    look();
    return () => seen.disconnect();
  }, [pathname, language]);
  return null;
}
