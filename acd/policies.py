"""
Which of several qualified agents gets a contact.

A policy says what an agent's profile costs for a demand (``fit``: the same for all who are alike)
and where an agent stands among those alike (``standing``: fixed while they are ready), and how the
two make a cost. The least cost goes first, the agent's id breaks ties. Nothing in it depends on the
time that passes meanwhile, so that nobody has to be looked at twice.

Agents of a lower level in the queue always go before those of a higher one; a policy decides within
a level.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from importlib import import_module
from inspect import signature
from typing import ClassVar, Protocol, runtime_checkable

from .demand import Demand
from .errors import InvalidValue
from .profile import Profile
from .regions import distance
from .tally import Tally

Cost = tuple[float, ...]


@runtime_checkable
class Policy(Protocol):
    """
    Hashable; two that are equal decide alike.

    A class of one's own is named ``package.module:Class`` and made with the queue's weights.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    behind: ClassVar[str]
    """Why the next ones were not chosen, in one word for the record."""
    alike: ClassVar[bool]
    """Whether ``fit`` is the same for everybody."""

    def fit(self, profile: Profile, demand: Demand) -> float: ...

    def standing(self, tally: Tally) -> Cost: ...

    def cost(self, fit: float, standing: Cost) -> Cost:
        """Grows with the standing: who stands first of those alike costs least of them."""

    def terms(self, profile: Profile, demand: Demand, tally: Tally) -> dict[str, float]:
        """What made the cost, by name, for the record of a decision."""


class _ByStanding:
    """Everybody fits alike: what the agent did decides."""

    alike: ClassVar[bool] = True

    def fit(self, profile: Profile, demand: Demand) -> float:
        return 0.0

    def cost(self, fit: float, standing: Cost) -> Cost:
        return standing

    def terms(self, profile: Profile, demand: Demand, tally: Tally) -> dict[str, float]:
        return {}


@dataclass(frozen=True)
class LongestIdle(_ByStanding):
    """Who has been ready for the longest time since the last contact."""

    name: ClassVar[str] = "longest_idle"
    version: ClassVar[int] = 1
    behind: ClassVar[str] = "less_idle"

    def standing(self, tally: Tally) -> Cost:
        return (tally.idle_since.timestamp(),)


@dataclass(frozen=True)
class RoundRobin(_ByStanding):
    """Whose last offer, answered or not, is the longest ago."""

    name: ClassVar[str] = "round_robin"
    version: ClassVar[int] = 1
    behind: ClassVar[str] = "later_turn"

    def standing(self, tally: Tally) -> Cost:
        offered = tally.offered_at
        return (offered.timestamp() if offered is not None else 0.0, tally.since.timestamp())


@dataclass(frozen=True)
class FewestContacts(_ByStanding):
    """Who has had the fewest since they logged in, served or in hand; then the longest idle."""

    name: ClassVar[str] = "fewest_contacts"
    version: ClassVar[int] = 1
    behind: ClassVar[str] = "more_contacts"

    def standing(self, tally: Tally) -> Cost:
        return (float(tally.handled + tally.in_hand), tally.idle_since.timestamp())

    def terms(self, profile: Profile, demand: Demand, tally: Tally) -> dict[str, float]:
        return {"handled": float(tally.handled), "in_hand": float(tally.in_hand)}


@dataclass(frozen=True)
class LeastOccupied(_ByStanding):
    """Whose share of busy time is the least (:meth:`.Tally.occupancy`); then the longest idle."""

    name: ClassVar[str] = "least_occupied"
    version: ClassVar[int] = 1
    behind: ClassVar[str] = "more_occupied"

    def standing(self, tally: Tally) -> Cost:
        return (tally.occupancy(), tally.idle_since.timestamp())

    def terms(self, profile: Profile, demand: Demand, tally: Tally) -> dict[str, float]:
        return {"occupancy": round(tally.occupancy(), 4)}


@dataclass(frozen=True)
class LeastOpenWork(_ByStanding):
    """
    Who has the least on the desk (AC-06).

    Open work, contacts in hand, and what was served since the log-in.
    """

    name: ClassVar[str] = "least_open_work"
    version: ClassVar[int] = 1
    behind: ClassVar[str] = "more_open_work"

    def standing(self, tally: Tally) -> Cost:
        desk = tally.open_work + tally.in_hand + tally.handled
        return (float(desk), tally.idle_since.timestamp())

    def terms(self, profile: Profile, demand: Demand, tally: Tally) -> dict[str, float]:
        return {
            "open_work": float(tally.open_work),
            "in_hand": float(tally.in_hand),
            "handled": float(tally.handled),
        }


@dataclass(frozen=True)
class MostSkilled:
    """Whose levels in the skills that are named, required or preferred, add up to the most."""

    name: ClassVar[str] = "most_skilled"
    version: ClassVar[int] = 1
    behind: ClassVar[str] = "less_skilled"
    alike: ClassVar[bool] = False

    def fit(self, profile: Profile, demand: Demand) -> float:
        return -float(
            sum({one.skill: profile.skills.get(one.skill, 0) for one in demand.wished()}.values())
        )

    def standing(self, tally: Tally) -> Cost:
        return (tally.idle_since.timestamp(),)

    def cost(self, fit: float, standing: Cost) -> Cost:
        return (fit, *standing)

    def terms(self, profile: Profile, demand: Demand, tally: Tally) -> dict[str, float]:
        return {"skill": -self.fit(profile, demand)}


@dataclass(frozen=True)
class Scored:
    """
    The least sum of weighted terms (AC-05).

    - ``skill``: levels by which the skills named fall short of 10, summed.
    - ``region``: steps between the caller's region and the agent's (:func:`.regions.distance`).
    - ``work``: 1 for work of a nature that is not the agent's, else 0.
    - ``idle``: minutes for which the agent has been idle; they lessen the cost.
    """

    name: ClassVar[str] = "scored"
    version: ClassVar[int] = 1
    behind: ClassVar[str] = "higher_cost"
    alike: ClassVar[bool] = False

    skill: float = 1.0
    region: float = 1.0
    work: float = 1.0
    idle: float = 0.1

    def __post_init__(self) -> None:
        for name in ("skill", "region", "work", "idle"):
            if not 0 <= getattr(self, name) <= 1000:
                raise InvalidValue(f"weight {name}: must be from 0 to 1000")

    def fit(self, profile: Profile, demand: Demand) -> float:
        return sum(self._of_profile(profile, demand).values())

    def standing(self, tally: Tally) -> Cost:
        return (self.idle * tally.idle_since.timestamp() / 60,)

    def cost(self, fit: float, standing: Cost) -> Cost:
        return (fit + standing[0],)

    def terms(self, profile: Profile, demand: Demand, tally: Tally) -> dict[str, float]:
        return {name: round(term, 3) for name, term in self._of_profile(profile, demand).items()}

    def _of_profile(self, profile: Profile, demand: Demand) -> dict[str, float]:
        named = {one.skill for one in demand.wished()}
        apart = distance(demand.region, profile.region)
        other = bool(demand.work) and demand.work not in profile.works
        return {
            "skill": self.skill * sum(10 - profile.skills.get(one, 0) for one in named),
            "region": self.region * apart,
            "work": self.work * other,
        }


LONGEST_IDLE = LongestIdle()

_SHIPPED: Mapping[str, type[Policy]] = {
    one.name: one
    for one in (
        LongestIdle,
        RoundRobin,
        FewestContacts,
        LeastOccupied,
        LeastOpenWork,
        MostSkilled,
        Scored,
    )
}

SHIPPED = tuple(_SHIPPED)


def load(name: str, weights: Mapping[str, float] | None = None) -> Policy:
    """
    The policy of that name: one of :data:`SHIPPED`, or ``package.module:Class``.

    Raises InvalidValue for one that is not there, is no policy, or does not take the weights.
    """
    kind = _SHIPPED.get(name) or _imported(name)
    try:
        policy = kind(**(weights or {}))
    except TypeError as error:
        takes = ", ".join(signature(kind).parameters) or "none"
        given = ", ".join(weights or {}) or "none"
        problem = f"policy {name!r} does not take these weights: {given}; it takes: {takes}"
        raise InvalidValue(problem) from error
    if not isinstance(policy, Policy):
        raise InvalidValue(f"policy {name!r} lacks some of what acd.policies.Policy asks for")
    return policy


def written(policy: Policy) -> tuple[str, Mapping[str, float]]:
    """As :func:`load` takes it; of one's own classes, what they are made with are their fields."""
    kind = type(policy)
    name = (
        policy.name if _SHIPPED.get(policy.name) is kind else f"{kind.__module__}:{kind.__name__}"
    )
    return name, asdict(policy) if is_dataclass(policy) else vars(policy)


def _imported(name: str) -> type[Policy]:
    module, _, attribute = name.partition(":")
    if not attribute or not all(part.isidentifier() for part in module.split(".")):
        raise InvalidValue(f"policy {name!r}: there are {', '.join(SHIPPED)}, or module:Class")
    try:
        kind: type[Policy] = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise InvalidValue(f"policy {name!r} cannot be loaded: {error}") from error
    if not isinstance(kind, type):  # calling it might do anything
        raise InvalidValue(f"policy {name!r} is no class")
    return kind
