"""What routing goes by in an agent, whatever they do at the moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .errors import InvalidValue
from .model import CAPACITIES, Channel, Region
from .requirements import LEVELS, Skill


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """
    Agents with the same ``key`` are alike to the router in what they can do. How much of it they
    do at once is their own: ``capacity`` is where they differ from the channels' rules; with none
    of a channel they get none of it.

    ``queues`` are those that the agent serves, each with a level: 1 is asked first, 10 last. None:
    all queues whose skills they have, at level 1.
    """

    skills: Mapping[Skill, int] = field(default_factory=dict)
    queues: Mapping[str, int] | None = None
    region: Region = ()
    works: frozenset[str] = frozenset()
    capacity: Mapping[Channel, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for skill, level in self.skills.items():
            if level not in LEVELS:
                raise InvalidValue(f"skill {skill!r} at level {level}: 1 to 10 exist")
        for queue, level in (self.queues or {}).items():
            if level not in LEVELS:
                raise InvalidValue(f"queue {queue!r} at level {level}: 1 to 10 exist")
        for channel, capacity in self.capacity.items():
            if capacity not in CAPACITIES:
                raise InvalidValue(f"a capacity of {capacity} {channel} is not within 0 to 100")

    @property
    def key(self) -> tuple[object, ...]:
        """Hashable; equal for agents who are alike."""
        queues = None if self.queues is None else frozenset(self.queues.items())
        return (frozenset(self.skills.items()), queues, self.region, self.works)

    def level_in(self, queue: str) -> int | None:
        """Of the agent in this queue; None if they do not serve it."""
        return 1 if self.queues is None else self.queues.get(queue)
