"""An agent as a person with a desk: what the ACD need not know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

BROWSER_PHONE: Final = "browser"
"""As an agent's ``phone``: the desktop in the browser is the phone."""


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """``number`` is what callers are told; without ``phone`` the agent's registered phone rings."""

    id: str
    name: str
    number: str
    phone: str | None = None  # a SIP URI, or BROWSER_PHONE
    skills: Mapping[str, int] = field(default_factory=dict)
    language: str | None = None
    always_ready: bool = False  # a seat staffed by a machine: needs no log-in
