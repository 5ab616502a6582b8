/** What a definition can name of what is defined elsewhere. */

import { useQuery } from "@tanstack/react-query";
import type { Option } from "../../parts/Fields";
import { api, got } from "../../server/rest";
import { inLanguage } from "../../words/words";

interface Options {
  options: Option[];
  error: unknown;
}

function useOptions<T>(key: string, read: () => Promise<readonly T[]>, option: (one: T) => Option): Options {
  const all = useQuery({ queryKey: [key], queryFn: read });
  return { options: (all.data ?? []).map(option), error: all.error };
}

export const useQueueOptions = () =>
  useOptions(
    "queues now", // /queues, as on the floor; "queues" are their definitions
    () => got(api.GET("/api/v1/queues")),
    ({ name, title }) => ({ id: name, label: inLanguage(title) || name }),
  );

export const useFormOptions = () =>
  useOptions(
    "forms",
    () => got(api.GET("/api/v1/forms")),
    ({ id, labels }) => ({ id, label: inLanguage({ ...labels }) || id }),
  );

export const useTicketTypeOptions = () =>
  useOptions(
    "ticket-types",
    () => got(api.GET("/api/v1/ticket-types")),
    ({ id, definition }) => ({ id, label: inLanguage({ ...definition.labels }) || id }),
  );
