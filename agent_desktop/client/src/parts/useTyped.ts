/** A form of plain fields: what was typed is handed in when it is sent. */

import type { FormEvent } from "react";
import { useDone } from "./useDone";

type Text = (name: string) => string;

export function useTyped(work: (text: Text) => Promise<unknown>) {
  const { busy, failure, attempt } = useDone();
  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    await attempt(() => work((name) => String(given.get(name) ?? "")));
  }
  return { busy, failure, submit };
}
