/** `listener` for what comes with it, until the signal. */
export function hear<Detail>(
  target: EventTarget,
  kind: string,
  listener: (detail: Detail) => void,
  signal: AbortSignal,
): void {
  target.addEventListener(kind, (event) => listener((event as CustomEvent<Detail>).detail), { signal });
}
