"""Who qualifies for what, asked once for all who are alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .model import Requirements, Skill
from .order import Order

_TIDY_AT = 1024  # groups


@dataclass(slots=True, eq=False)
class Crew:
    """Agents with the very same skills."""

    skills: Mapping[Skill, int]
    ready: Order = field(default_factory=Order)  # longest idle first
    members: int = 0

    def qualifies(self, requirements: Requirements) -> bool:
        return all(requirement.met_by(self.skills) for requirement in requirements)


@dataclass(slots=True, eq=False)
class Group:
    """Contacts of one queue that require the same: whoever may serve one may serve all."""

    requirements: Requirements
    crews: set[Crew]  # that qualify; never iterated, its order would be chance
    waiting: Order = field(default_factory=Order)  # most urgent first
    users: int = 0  # places, and the queue itself


class Qualification:
    """All crews and groups, and the links between them: made when one appears, not per decision."""

    def __init__(self) -> None:
        self._crews: dict[frozenset[tuple[Skill, int]], Crew] = {}
        self._groups: dict[tuple[str, Requirements], Group] = {}
        self._tidy_at = _TIDY_AT

    @property
    def group_count(self) -> int:
        return len(self._groups)

    def crew(self, skills: Mapping[Skill, int]) -> Crew:
        key = frozenset(skills.items())
        crew = self._crews.get(key)
        if crew is None:
            crew = self._crews[key] = Crew(dict(skills))
            for group in self._groups.values():
                if crew.qualifies(group.requirements):
                    group.crews.add(crew)
        return crew

    def dissolve(self, crew: Crew) -> None:
        """The crew's last member left."""
        del self._crews[frozenset(crew.skills.items())]
        for group in self._groups.values():
            group.crews.discard(crew)

    def group(self, queue: str, requirements: Requirements) -> Group:
        key = (queue, requirements)
        group = self._groups.get(key)
        if group is None:
            self._tidy()
            crews = {crew for crew in self._crews.values() if crew.qualifies(requirements)}
            group = self._groups[key] = Group(requirements, crews)
        return group

    def _tidy(self) -> None:
        """Rare requirements do not pile up: now and then, forget the groups that nobody uses."""
        if len(self._groups) < self._tidy_at:
            return
        self._groups = {key: group for key, group in self._groups.items() if group.users}
        self._tidy_at = max(_TIDY_AT, 2 * len(self._groups))
