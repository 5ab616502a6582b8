/** Agents and queues that can be named in a form, for who may see them. */

import { useQuery } from "@tanstack/react-query";
import { reads } from "../server/reads";
import { api, got } from "../server/rest";
import { may, useSession } from "../session/session";
import { named } from "../words/words";

interface Named {
  id: string;
  name: string;
}

const NOBODY: readonly Named[] = [];

export function useColleagues(): { colleagues: readonly Named[]; queues: readonly Named[] } {
  const { account } = useSession();
  const agents = useQuery({
    queryKey: ["agents"],
    queryFn: () => got(api.GET("/api/v1/agents")),
    enabled: may(account, "floor.read"),
  });
  const queues = useQuery({ ...reads.queues, enabled: may(account, "queues.read") });
  return {
    colleagues: agents.data?.map(({ id, name }) => ({ id, name: `${name} (${id})` })) ?? NOBODY,
    queues: queues.data?.map(({ name }) => ({ id: name, name: named("queueName", name) })) ?? NOBODY,
  };
}
