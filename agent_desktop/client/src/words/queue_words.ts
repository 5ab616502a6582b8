/** What queues are called: by their titles, wherever one is told by its name in the data. */

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { reads } from "../server/reads";
import type { Schemas } from "../server/rest";
import { addWords, type Language } from "./words";

type Queue = Pick<Schemas["QueueView"], "name" | "title">;

/** Has every page say them. */
export function useQueueWords(enabled: boolean): void {
  const { data } = useQuery({ ...reads.queues, enabled });
  useEffect(() => {
    if (data) addWords(queueWords(data));
  }, [data]);
}

/** Who has no title in a language is called by the one in the other, or by name. */
export function queueWords(queues: readonly Queue[]): Record<Language, Record<string, string>> {
  const called = (language: Language, other: Language) =>
    Object.fromEntries(
      queues.map(({ name, title }) => [`queueName.${name}`, title[language] ?? title[other] ?? name]),
    );
  return { zh: called("zh", "en"), en: called("en", "zh") };
}
