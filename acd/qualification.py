"""Who qualifies for what, asked once for all who are alike."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .order import Order
from .requirements import Requirements, Skill

_TIDY_AT = 1024  # groups


@dataclass(slots=True, eq=False)
class Crew:
    """Agents with the very same skills."""

    skills: Mapping[Skill, int]
    groups: "dict[Group, None]" = field(default_factory=dict)  # that they qualify for
    ready: Order = field(default_factory=Order)  # longest idle first
    members: int = 0

    def qualifies(self, requirements: Requirements) -> bool:
        return all(requirement.met_by(self.skills) for requirement in requirements)


@dataclass(slots=True, eq=False)
class Group:
    """Contacts of one queue that require the same: whoever may serve one may serve all."""

    requirements: Requirements
    crews: dict[Crew, None] = field(default_factory=dict)  # that qualify
    waiting: Order = field(default_factory=Order)  # most urgent first
    users: int = 0  # places, and the queue itself


class Qualification:
    """All crews and groups, and the links between them: made when one appears, not per decision."""

    def __init__(self) -> None:
        self._crews: dict[frozenset[tuple[Skill, int]], Crew] = {}
        self._skilled: dict[Skill, dict[Crew, None]] = defaultdict(dict)
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
            for skill in skills:
                self._skilled[skill][crew] = None
            for group in self._groups.values():
                _link(crew, group)
        return crew

    def dissolve(self, crew: Crew) -> None:
        """The crew's last member left."""
        del self._crews[frozenset(crew.skills.items())]
        for skill in crew.skills:
            del self._skilled[skill][crew]
            if not self._skilled[skill]:
                del self._skilled[skill]
        for group in crew.groups:
            del group.crews[crew]

    def group(self, queue: str, requirements: Requirements) -> Group:
        key = (queue, requirements)
        group = self._groups.get(key)
        if group is None:
            self._tidy()
            group = self._groups[key] = Group(requirements)
            for crew in self._likely(requirements):
                _link(crew, group)
        return group

    def _likely(self, requirements: Requirements) -> Iterable[Crew]:
        """All crews that have the rarest of the skills."""
        if not requirements:
            return self._crews.values()
        return min((self._skilled.get(one.skill, {}) for one in requirements), key=len)

    def _tidy(self) -> None:
        """Rare requirements do not pile up: now and then, forget the groups that nobody uses."""
        if len(self._groups) < self._tidy_at:
            return
        for key, group in list(self._groups.items()):
            if not group.users:
                del self._groups[key]
                for crew in group.crews:
                    del crew.groups[group]
        self._tidy_at = max(_TIDY_AT, 2 * len(self._groups))


def _link(crew: Crew, group: Group) -> None:
    if crew.qualifies(group.requirements):
        crew.groups[group] = None
        group.crews[crew] = None
