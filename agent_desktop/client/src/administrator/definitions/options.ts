/** What a definition can name of what is defined elsewhere. */

import { useQuery } from "@tanstack/react-query";
import type { Option } from "../../parts/Fields";
import { reads } from "../../server/reads";
import type { Schemas } from "../../server/rest";
import { inLanguage } from "../../words/words";

interface Options {
  options: Option[];
  error: unknown;
}

export const queueOption = ({ name, title }: Schemas["QueueView"]): Option => ({
  id: name,
  label: inLanguage(title) || name,
});

export function useQueueOptions(): Options {
  const { data, error } = useQuery(reads.queues);
  return { options: (data ?? []).map(queueOption), error };
}

export function useFormOptions(): Options {
  const { data, error } = useQuery(reads.forms);
  const options = (data ?? []).map(({ id, labels }) => ({ id, label: inLanguage({ ...labels }) || id }));
  return { options, error };
}

export function useTicketTypeOptions(): Options {
  const { data, error } = useQuery(reads.ticketTypes);
  const option = ({ id, definition }: Schemas["TicketTypeView"]): Option => ({
    id,
    label: inLanguage({ ...definition.labels }) || id,
  });
  return { options: (data ?? []).map(option), error };
}

export const teamOption = ({ id, profile }: Schemas["TeamView"]): Option => ({
  id,
  label: inLanguage(profile.labels) || id,
});

export function useTeamOptions(): Options {
  const { data, error } = useQuery(reads.teams);
  return { options: (data ?? []).map(teamOption), error };
}

export function useTrunkOptions(): Options {
  const { data, error } = useQuery(reads.trunks);
  return { options: (data ?? []).map(({ trunk }) => ({ id: trunk, label: trunk })), error };
}

export function useCalendarOptions(): Options {
  const { data, error } = useQuery(reads.calendars);
  const options = (data ?? []).map(({ id, hours }) => ({ id, label: inLanguage({ ...hours.labels }) || id }));
  return { options, error };
}
