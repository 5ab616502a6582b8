"""What contacts of one kind ask of whoever serves them."""

from dataclasses import dataclass

from .model import Channel, Region
from .profile import Profile
from .requirements import AnyOf, Requirement, Requirements

LEVEL_LIMIT = 10
"""Agents of every level are asked."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Contacts with equal demands are alike to the router: whoever may serve one may serve all."""

    queue: str
    requirements: Requirements = ()
    reach: int = LEVEL_LIMIT  # the highest level in the queue that is asked
    preferred: tuple[Requirement, ...] = ()  # nice to have; only some policies look at it
    region: Region = ()  # these two decide who fits best, and not who qualifies
    work: str = ""
    channel: Channel = Channel.VOICE  # this decides who can take one more, and not who qualifies

    def met_by(self, profile: Profile) -> bool:
        level = profile.level_in(self.queue)
        if level is None or level > self.reach:
            return False
        return all(clause.met_by(profile.skills) for clause in self.requirements)

    def lack(self, profile: Profile) -> str:
        """The first reason why the profile does not meet it, for people; it must not."""
        level = profile.level_in(self.queue)
        if level is None:
            return "not in queue"
        if level > self.reach:
            return f"level {level} not asked yet"
        unmet = next(one for one in self.requirements if not one.met_by(profile.skills))
        return f"lacks {unmet}"

    def wished(self) -> tuple[Requirement, ...]:
        """Every skill that it names, required or preferred."""
        named = list(self.preferred)
        for clause in self.requirements:
            named += clause.choices if isinstance(clause, AnyOf) else (clause,)
        return tuple(named)
