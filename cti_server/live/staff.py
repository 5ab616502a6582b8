"""Who serves which queue, by what is defined of agents and queues."""

from collections.abc import Callable, Mapping

from acd.profile import Profile
from acd.queue import Queue
from config.floor import QueueSettings
from cti_server.floor.profile import AgentProfile
from cti_server.plans import queue_of


class Staff:
    """Looked at anew when something is defined otherwise; alike agents are asked about once."""

    def __init__(
        self,
        profiles: Callable[[], Mapping[str, AgentProfile]],
        queues: Mapping[str, QueueSettings],
    ) -> None:
        """``queues`` may change; what is in it is replaced and not changed."""
        self._profiles_now = profiles
        self._queues_now = queues
        self._profiles: Mapping[str, AgentProfile] = {}
        self._queues: Mapping[str, QueueSettings] = {}
        self.titles: Mapping[str, str] = {}
        self.of: Mapping[str, tuple[str, ...]] = {}
        """By queue: its agents."""
        self.serves: Mapping[str, tuple[str, ...]] = {}
        """By agent: their queues."""

    def refresh(self) -> bool:
        """Whether something is another than before."""
        profiles, queues = dict(self._profiles_now()), dict(self._queues_now)
        if profiles == self._profiles and queues == self._queues:
            return False
        self._profiles, self._queues = profiles, queues
        plans = [queue_of(settings) for settings in queues.values()]
        self.titles = {plan.name: plan.title or plan.name for plan in plans}
        alike: dict[tuple[object, ...], tuple[str, ...]] = {}
        serves: dict[str, tuple[str, ...]] = {}
        for agent_id, profile in profiles.items():
            routing = profile.routing
            if routing.key not in alike:
                alike[routing.key] = tuple(p.name for p in plans if _serves(routing, p))
            serves[agent_id] = alike[routing.key]
        self.serves = serves
        self.of = {
            plan.name: tuple(one for one, queues in serves.items() if plan.name in queues)
            for plan in plans
        }
        return True


def _serves(profile: Profile, queue: Queue) -> bool:
    """At first, or once a contact has waited for long enough."""
    return any(queue.demand(steps=steps).met_by(profile) for steps in range(len(queue.steps) + 1))
