/** What a user or a team can have of what is defined elsewhere. */

import { useQuery } from "@tanstack/react-query";
import type { Option } from "../../parts/Fields";
import { reads } from "../../server/reads";
import { api, got } from "../../server/rest";
import { inLanguage, named } from "../../words/words";
import { queueOption, teamOption } from "../definitions/options";

const CHANNELS = ["voice", "callback", "web", "chat", "sms", "email", "fax", "task"];

export interface Choices {
  roles: Option[];
  teams: Option[];
  skills: Option[];
  queues: Option[];
  channels: Option[];
  /** Why some cannot be chosen. */
  error: unknown;
}

export function useUserChoices(): Choices {
  const matrix = usePermissions();
  const teams = useTeams();
  const skills = useSkills();
  const queues = useQuery(reads.queues);
  return {
    roles: Object.keys(matrix.data?.roles ?? {}).map((id) => ({ id, label: named("userRole", id) })),
    teams: (teams.data ?? []).map(teamOption),
    skills: (skills.data ?? []).map(({ id, labels }) => ({ id, label: inLanguage(labels) || id })),
    queues: (queues.data ?? []).map(queueOption),
    channels: CHANNELS.map((id) => ({ id, label: named("channel", id) })),
    error: matrix.error ?? teams.error ?? skills.error ?? queues.error,
  };
}

export const usePermissions = () =>
  useQuery({ queryKey: ["permissions"], queryFn: () => got(api.GET("/api/v1/permissions")) });

export const useTeams = () => useQuery(reads.teams);

export const useSkills = () => useQuery(reads.skills);
