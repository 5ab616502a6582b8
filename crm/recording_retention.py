"""
How long recordings are kept, by queue and kind: which rule is a recording's. Pure.

What no rule speaks of is kept as long as the class ``recordings`` says. Of several rules the one
that says most decides: of a queue and a kind, then of a queue, then of a kind.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

KINDS = ("conversation", "message", "menu", "siprec")


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """``queue`` and ``kind``: None for any, not both; without ``days`` for good."""

    id: str
    queue: str | None
    kind: str | None
    days: int | None

    @property
    def says(self) -> int:
        """How much: who says more decides."""
        return 2 * (self.queue is not None) + (self.kind is not None)

    def fits(self, queue: str, kind: str) -> bool:
        return self.queue in (None, queue) and self.kind in (None, kind)


def rule_of(rules: Iterable[RecordingRule], queue: str, kind: str) -> RecordingRule | None:
    """The rule of a recording; None for the class's own days."""
    fitting = [rule for rule in rules if rule.fits(queue, kind)]
    return max(fitting, key=lambda rule: rule.says, default=None)


def before(rules: Iterable[RecordingRule], rule: RecordingRule | None) -> Sequence[RecordingRule]:
    """Those that decide where they fit, whatever this one says; all of them for the class."""
    says = 0 if rule is None else rule.says
    return [other for other in rules if other.says > says]
