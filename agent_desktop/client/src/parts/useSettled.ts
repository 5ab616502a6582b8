import { useEffect, useState } from "react";

const PAUSE = 300; // ms

/** The value when it has not become another one for a moment: each key that is typed makes one. */
export function useSettled<T>(value: T, pause = PAUSE): T {
  const [settled, settle] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => settle(value), pause);
    return () => clearTimeout(timer);
  }, [value, pause]);
  return settled;
}
