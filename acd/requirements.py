"""What a contact needs of whoever serves it: skills at levels, all of them, or any of some."""

from collections.abc import Iterable, Mapping

import msgspec

from .errors import InvalidValue

Skill = str

LEVELS = range(1, 11)
"""How well a skill can be mastered or asked for."""


class Requirement(msgspec.Struct, frozen=True, order=True, tag="at_least"):
    """A skill that a contact needs, and how well."""

    skill: Skill
    level: int = 1

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise InvalidValue(f"skill {self.skill!r} at level {self.level}: 1 to 10 exist")

    def met_by(self, skills: Mapping[Skill, int]) -> bool:
        return skills.get(self.skill, 0) >= self.level

    def __str__(self) -> str:
        return f"{self.skill}>={self.level}"


class AnyOf(msgspec.Struct, frozen=True, tag="any_of"):
    """One of these skills is enough."""

    choices: tuple[Requirement, ...]

    def __post_init__(self) -> None:
        if len({one.skill for one in self.choices}) < 2:
            raise InvalidValue("a choice of skills needs at least two of them")

    def met_by(self, skills: Mapping[Skill, int]) -> bool:
        return any(one.met_by(skills) for one in self.choices)

    def __str__(self) -> str:
        return " or ".join(map(str, self.choices))


Clause = Requirement | AnyOf
Requirements = tuple[Clause, ...]
"""All of them at once: with the choices in it, whatever "and" and "or" can say."""


def required(skills: Mapping[Skill, int]) -> tuple[Requirement, ...]:
    """The mapping of skills to least levels, as requirements."""
    return tuple(Requirement(skill, level) for skill, level in sorted(skills.items()))


def any_of(skills: Mapping[Skill, int]) -> AnyOf:
    """One of these skills at its least level."""
    return AnyOf(required(skills))


def combined(requirements: Iterable[Clause]) -> Requirements:
    """
    All of them at once, in one order whatever order they came in.

    Of each skill the highest level counts; a choice that the rest fulfils anyway falls away.
    """
    levels: dict[Skill, int] = {}
    choices: dict[AnyOf, None] = {}
    for clause in requirements:
        if isinstance(clause, AnyOf):
            choices[clause] = None
        else:
            levels[clause.skill] = max(clause.level, levels.get(clause.skill, 0))
    open_choices = (one for one in choices if not one.met_by(levels))
    return (*required(levels), *sorted(open_choices, key=str))
