import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { Sure } from "../parts/Sure";
import { useWords } from "../words/words";
import { isUnsent } from "./unsent";

/** Stands between a link to another page and what is typed on this one. */
export function Leaving() {
  const { word } = useWords();
  const navigate = useNavigate();
  const [to, setTo] = useState<string | null>(null);
  useEffect(() => {
    function ask(event: MouseEvent) {
      const link = event.target instanceof Element && event.target.closest("a");
      if (!link || !isUnsent() || !leaves(link, event)) return;
      event.preventDefault();
      event.stopPropagation(); // before the router hears of it
      setTo(link.pathname + link.search);
    }
    document.addEventListener("click", ask, true);
    return () => document.removeEventListener("click", ask, true);
  }, []);
  if (to === null) return null;
  const stay = () => setTo(null);
  function go(way: string) {
    stay();
    void navigate(way);
  }
  return (
    <Sure title={word("leavePage")} busy={false} failure={null} onClose={stay} onSure={() => go(to)}>
      {word("unsent")}
    </Sure>
  );
}

/** Another tab or another site takes nothing from this page, or is asked about by the browser. */
function leaves(link: HTMLAnchorElement, event: MouseEvent): boolean {
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || link.target === "_blank";
  return !elsewhere && link.origin === location.origin && link.pathname !== location.pathname;
}
