/** Things of one kind below one another: added, taken away, and put in another order, by keys too. */

import { ArrowDown, ArrowUp, X } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useWords } from "../words/words";
import { Button } from "./Button";
import type { Keyed } from "./keyed";

interface RowsProps<T extends Keyed> {
  label: string;
  /** Of the buttons' ids: "fields" makes `add-fields`. */
  name: string;
  rows: readonly T[];
  onChange(rows: T[]): void;
  blank(): T;
  /** On the button that adds one. */
  add: string;
  /** What one is called where it is moved or taken away. */
  nameOf(row: T): string;
  /** Their order says something. */
  ordered?: boolean;
  most?: number;
  children(row: T, change: (row: T) => void): ReactNode;
}

type Way = "up" | "down";

export function Rows<T extends Keyed>(props: RowsProps<T>) {
  const { label, name, rows, onChange, blank, add, nameOf, ordered = false, most = 100, children } = props;
  const { word } = useWords();
  const box = useRef<HTMLFieldSetElement>(null);
  const [moved, setMoved] = useState<{ key: number; way: Way } | null>(null);
  useEffect(() => {
    if (!moved) return;
    const row = box.current?.querySelector(`[data-row="${moved.key}"]`);
    const other = moved.way === "up" ? "down" : "up";
    const [same, turned] = [moved.way, other].map((way) =>
      row?.querySelector<HTMLElement>(`[data-move="${way}"]`),
    );
    (same?.hasAttribute("disabled") ? turned : same)?.focus(); // the browser forgets it where the row moves
  }, [moved]);
  function move(row: T, way: Way) {
    const at = rows.indexOf(row);
    const others = rows.filter((one) => one !== row);
    const to = way === "up" ? at - 1 : at + 1;
    onChange([...others.slice(0, to), row, ...others.slice(to)]);
    setMoved({ key: row.key, way });
  }
  const place = rows.findIndex((row) => row.key === moved?.key);
  return (
    <fieldset className="rows" id={name} ref={box}>
      <legend>{label}</legend>
      {rows.map((row, at) => (
        <div key={row.key} className="one-row" data-row={row.key}>
          <div className="row-content">
            {children(row, (to) => onChange(rows.map((one) => (one === row ? to : one))))}
          </div>
          <div className="buttons">
            {ordered && (
              <>
                <Button
                  look="quiet"
                  data-move="up"
                  isDisabled={at === 0}
                  aria-label={`${word("moveUp")}: ${nameOf(row)}`}
                  onPress={() => move(row, "up")}
                >
                  <ArrowUp aria-hidden="true" />
                </Button>
                <Button
                  look="quiet"
                  data-move="down"
                  isDisabled={at === rows.length - 1}
                  aria-label={`${word("moveDown")}: ${nameOf(row)}`}
                  onPress={() => move(row, "down")}
                >
                  <ArrowDown aria-hidden="true" />
                </Button>
              </>
            )}
            <Button
              look="quiet"
              data-take-away=""
              aria-label={`${word("takeAway")}: ${nameOf(row)}`}
              onPress={() => onChange(rows.filter((one) => one !== row))}
            >
              <X aria-hidden="true" />
            </Button>
          </div>
        </div>
      ))}
      {ordered && (
        <p className="visually-hidden" role="status">
          {moved && place >= 0 && `${nameOf(rows[place]!)}: ${place + 1} / ${rows.length}`}
        </p>
      )}
      <div className="buttons">
        <Button
          id={`add-${name}`}
          isDisabled={rows.length >= most}
          onPress={() => onChange([...rows, blank()])}
        >
          {add}
        </Button>
      </div>
    </fieldset>
  );
}
