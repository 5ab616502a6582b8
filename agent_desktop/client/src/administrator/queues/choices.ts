/** What a queue's settings can name, with what people call it. */

import { useQueries } from "@tanstack/react-query";
import type { Option } from "../../parts/Fields";
import { reads } from "../../server/reads";
import { api, got, type Schemas } from "../../server/rest";
import { inLanguage } from "../../words/words";
import { queueOption } from "../definitions/options";

export interface Choices {
  queues: Option[];
  skills: Option[];
  calendars: Option[];
  policies: string[];
  surveys: string[];
  languages: string[];
  /** Why some of them are not known. */
  failure: unknown;
}

export const queueName = ({ id, settings }: Schemas["QueueDefinitionView"]): string =>
  inLanguage(settings.title) || id;

export function useChoices(): Choices {
  const [queues, skills, calendars, choices] = useQueries({
    queries: [
      reads.queues,
      reads.skills,
      reads.calendars,
      { queryKey: ["queue-choices"], queryFn: () => got(api.GET("/api/v1/queue-choices")) },
    ],
  });
  return {
    queues: (queues.data ?? []).map(queueOption),
    skills: (skills.data ?? []).map(({ id, labels }) => ({ id, label: inLanguage(labels) || id })),
    calendars: (calendars.data ?? []).map(({ id, hours }) => ({ id, label: inLanguage(hours.labels) || id })),
    policies: choices.data?.policies ?? [],
    surveys: choices.data?.surveys ?? [],
    languages: choices.data?.languages ?? [],
    failure: queues.error ?? skills.error ?? calendars.error ?? choices.error,
  };
}
