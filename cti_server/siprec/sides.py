"""Which stream of another PBX's call is the customer's, and which the agent's. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from recording.siprec_metadata import Metadata, Participant


@dataclass(frozen=True, slots=True)
class Side:
    """
    One voice. ``speaker`` is a participant's id, empty while nobody has told whose it is.

    ``beside``: the numbers of others whose voices are in the same stream.
    """

    label: str
    speaker: str = ""
    number: str = ""
    beside: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        return (self.number, *self.beside)

    def begins_with(self, prefixes: Collection[str]) -> bool:
        return bool(self.number) and self.number.startswith(tuple(prefixes))


class Sides(NamedTuple):
    """Of one recording: another speaker on a side, or another number, makes another recording."""

    customer: Side
    agent: Side | None
    """None where there is one stream alone: all that is said is in it, or nobody else is there."""

    def number_of_agent(self, agents: Collection[str]) -> str:
        """Empty where it is none of the PBX's own: it is then perhaps a customer's, too."""
        if self.agent is None or not self.agent.begins_with(agents):
            return ""
        return self.agent.number


def sides_of(labels: Sequence[str], metadata: Metadata, agents: Collection[str]) -> Sides | None:
    """
    The first stream is the customer's, unless its speaker's number begins as those of the PBX's
    own people (``agents``) do, and the other's does not. None where there is no stream.
    """
    found = [_side(label, metadata.speakers(label), agents) for label in labels]
    if not found:
        return None
    first, second = found[0], found[1] if len(found) > 1 else None
    if second is not None and first.begins_with(agents) and not second.begins_with(agents):
        return Sides(second, first)
    return Sides(first, second)


def _side(label: str, speakers: Sequence[Participant], agents: Collection[str]) -> Side:
    """Of several, the first who is none of the PBX's own people is whose side it is."""
    sides = [Side(label, one.id, one.number) for one in speakers]
    if not sides:
        return Side(label)
    one = next((side for side in sides if not side.begins_with(agents)), sides[0])
    return replace(one, beside=tuple(side.number for side in sides if side is not one))
