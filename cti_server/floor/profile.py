"""An agent as a person with a desk: what the ACD need not know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from acd.model import Channel
from acd.profile import Profile

BROWSER_PHONE: Final = "browser"
"""As an agent's ``phone``: the desktop in the browser is the phone."""


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """
    ``number`` is what callers are told; without ``phone`` the agent's registered phone rings.

    ``queues`` are those that they serve, with a level; None for all whose skills they have.
    ``auto_answer``: whether the phone picks up by itself; None for as each queue says.
    """

    id: str
    name: str
    number: str
    phone: str | None = None  # a SIP URI, or BROWSER_PHONE
    skills: Mapping[str, int] = field(default_factory=dict)
    queues: Mapping[str, int] | None = None
    region: tuple[str, ...] = ()
    works: frozenset[str] = frozenset()
    language: str | None = None
    auto_answer: bool | None = None
    capacity: Mapping[str, int] = field(default_factory=dict)  # contacts at once, by channel
    always_ready: bool = False  # a seat staffed by a machine: needs no log-in

    @property
    def routing(self) -> Profile:
        """What the ACD goes by."""
        capacity = {Channel(channel): most for channel, most in self.capacity.items()}
        return Profile(self.skills, self.queues, self.region, self.works, capacity)
