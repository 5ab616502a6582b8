/** A text with numbered lines; Tab leaves it, as everywhere on the page. */

import { type Ref, useImperativeHandle, useRef } from "react";

export interface EditorHandle {
  /** Comes to this line and marks it; the first is 1. */
  goTo(line: number): void;
}

interface YamlEditorProps {
  label: string;
  text: string;
  onChange(text: string): void;
  ref?: Ref<EditorHandle>;
}

export function YamlEditor({ label, text, onChange, ref }: YamlEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const numbers = useRef<HTMLPreElement>(null);
  const lines = text.split("\n");
  useImperativeHandle(ref, () => ({
    goTo(line) {
      const place = area.current;
      if (!place) return;
      const before = place.value.split("\n").slice(0, line - 1);
      const from = before.reduce((all, each) => all + each.length + 1, 0);
      const end = place.value.indexOf("\n", from);
      place.focus();
      place.setSelectionRange(from, end < 0 ? place.value.length : end);
      const height = place.scrollHeight / place.value.split("\n").length;
      place.scrollTop = Math.max(0, (line - 5) * height);
    },
  }));
  return (
    <div className="yaml">
      <pre aria-hidden="true" ref={numbers}>
        {lines.map((_, place) => `${place + 1}\n`).join("")}
      </pre>
      <textarea
        ref={area}
        id="yaml"
        aria-label={label}
        spellCheck={false}
        wrap="off"
        rows={24}
        value={text}
        onChange={(event) => onChange(event.target.value)}
        onScroll={(event) => {
          if (numbers.current) numbers.current.scrollTop = event.currentTarget.scrollTop;
        }}
      />
    </div>
  );
}
