import type { ReactNode } from "react";

/** Around a plain table, which scrolls where it has no room: with keys, too (WCAG 2.1.1). */
export function TableBox({ id, label, children }: { id?: string; label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex lint/a11y/useSemanticElements: what scrolls is reached by keys
    <div id={id} className="table-box" role="group" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
