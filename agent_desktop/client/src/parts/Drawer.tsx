import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { useWords } from "../words/words";
import { Button } from "./Button";

export interface DrawerProps {
  title: ReactNode;
  /** What it is about: another one is come to anew. */
  about: string;
  onClose(): void;
  children: ReactNode;
}

/** Beside the page, which goes on: come to when it opens, left by its button or Escape. */
export function Drawer({ title, about, onClose, children }: DrawerProps) {
  const { word } = useWords();
  const name = useId();
  const place = useRef<HTMLElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    if (!about) return;
    const before = document.activeElement;
    const drawer = place.current;
    drawer?.focus();
    return () => {
      const left = !document.activeElement || document.activeElement === document.body;
      if (before instanceof HTMLElement && (left || drawer?.contains(document.activeElement))) before.focus();
    };
  }, [about]);
  useEffect(() => {
    const drawer = place.current;
    const leave = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) close.current();
    };
    drawer?.addEventListener("keydown", leave);
    return () => drawer?.removeEventListener("keydown", leave);
  }, []);
  return (
    <aside ref={place} className="drawer" id="drawer" aria-labelledby={name} tabIndex={-1}>
      <div className="page-head">
        <h2 id={name}>{title}</h2>
        <span className="gap" />
        <Button look="quiet" id="drawer-close" aria-label={word("close")} onPress={onClose}>
          <X />
        </Button>
      </div>
      {children}
    </aside>
  );
}
