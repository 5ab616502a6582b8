/** Pages that are read when they are wanted, with their words. */

import { type ComponentType, lazy } from "react";
import { addWords, type Language } from "../words/words";
import { loaded } from "./loaded";

type Words = Record<Language, Record<string, string>>;

/** As `lazy`, with the words that came not with its area; one that can not be read has the page reloaded, once. */
export function page(
  name: string,
  load: () => Promise<{ default: ComponentType }>,
  ...words: (() => Promise<Words>)[]
) {
  return lazy(() =>
    loaded(name, async () => {
      const [found, ...spoken] = await Promise.all([load(), ...words.map((read) => read())]);
      spoken.forEach(addWords);
      return found;
    }),
  );
}
