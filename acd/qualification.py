"""Who qualifies for what, asked once for all who are alike."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from .demand import Demand
from .model import Region
from .order import Order
from .policies import Cost
from .profile import Profile
from .rankings import Ranking
from .requirements import Requirement, Skill

_TIDY_AT = 1024  # groups
_ORIGINS = 512  # of one group, before their fits are forgotten


@dataclass(slots=True, eq=False)
class Crew:
    """Agents who are alike."""

    profile: Profile
    groups: "dict[Group, None]" = field(default_factory=dict)  # that they qualify for
    ready: dict[Ranking, Order[Cost]] = field(default_factory=dict)  # who can take one more
    members: int = 0
    there: int = 0  # logged in, ready or not
    serving: int = 0  # free, or busy and to be free afterwards
    staff: int = 0  # how many of them do what, see staffing


@dataclass(slots=True, eq=False)
class Fits:
    """What crews cost for the contacts of a group that are from one region, for one work."""

    demand: Demand
    costs: dict[Crew, float] = field(default_factory=dict)  # of those who were asked about


@dataclass(slots=True)
class Strength:
    """Who qualifies for a group, as it was counted, see strengths."""

    there: int
    serving: int
    both: "dict[Group, int]" = field(default_factory=dict)  # who serve this group and that one
    shares: "dict[Group, float]" = field(default_factory=dict)  # of all who serve that one
    counted_to: int = 0  # the number of the last change that is in it


@dataclass(slots=True, eq=False)
class Group:
    """Contacts with the same demand, wherever they are from."""

    demand: Demand
    ranking: Ranking
    crews: dict[Crew, None] = field(default_factory=dict)  # that qualify
    fits: dict[tuple[Region, str], Fits] = field(default_factory=dict)
    waiting: Order[datetime] = field(default_factory=Order)  # most urgent first
    users: int = 0  # places, and the queue itself
    levels: bool = False  # whether some of the crews are not of the first level
    staff: int | None = None  # how many qualify and do what, see staffing
    staffed_at: int = 0  # the number of the last change that is in it
    strength: Strength | None = None

    def fits_of(self, region: Region, work: str) -> Fits:
        found = self.fits.get((region, work))
        if found is None:
            if len(self.fits) >= _ORIGINS:
                self.fits.clear()
            demand = replace(self.demand, region=region, work=work)
            found = self.fits[region, work] = Fits(demand)
        return found


class Qualification:
    """All crews and groups, and the links between them: made when one appears, not per decision."""

    def __init__(self) -> None:
        self._crews: dict[tuple[object, ...], Crew] = {}
        self._skilled: dict[Skill, dict[Crew, None]] = defaultdict(dict)
        self._groups: dict[tuple[Demand, Ranking], Group] = {}
        self._tidy_at = _TIDY_AT

    @property
    def group_count(self) -> int:
        return len(self._groups)

    def crew(self, profile: Profile) -> Crew:
        crew = self._crews.get(profile.key)
        if crew is None:
            crew = self._crews[profile.key] = Crew(profile)
            for skill in profile.skills:
                self._skilled[skill][crew] = None
            for group in self._groups.values():
                _link(crew, group)
        return crew

    def dissolve(self, crew: Crew) -> None:
        """The crew's last member left."""
        del self._crews[crew.profile.key]
        for skill in crew.profile.skills:
            del self._skilled[skill][crew]
            if not self._skilled[skill]:
                del self._skilled[skill]
        for group in crew.groups:
            del group.crews[crew]
            group.staff = None
            for fits in group.fits.values():
                fits.costs.pop(crew, None)

    def group(self, demand: Demand, ranking: Ranking) -> Group:
        key = (demand, ranking)
        group = self._groups.get(key)
        if group is None:
            self._tidy()
            group = self._groups[key] = Group(demand, ranking)
            for crew in self._likely(demand):
                _link(crew, group)
        return group

    def _likely(self, demand: Demand) -> Iterable[Crew]:
        """All crews that have the rarest of the skills, of those that there is no choice about."""
        skills = [one.skill for one in demand.requirements if isinstance(one, Requirement)]
        if not skills:
            return self._crews.values()
        return min((self._skilled.get(skill, {}) for skill in skills), key=len)

    def _tidy(self) -> None:
        """Rare demands do not pile up: now and then, forget the groups that nobody uses."""
        if len(self._groups) < self._tidy_at:
            return
        for key, group in list(self._groups.items()):
            if not group.users:
                del self._groups[key]
                for crew in group.crews:
                    del crew.groups[group]
        self._tidy_at = max(_TIDY_AT, 2 * len(self._groups))


def _link(crew: Crew, group: Group) -> None:
    if group.demand.met_by(crew.profile):
        crew.groups[group] = None
        group.crews[crew] = None
        group.levels |= crew.profile.level_in(group.demand.queue) != 1
