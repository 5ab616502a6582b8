"""What is counted in one window of time; durations in whole milliseconds, for exact sums."""

import msgspec

from .spread import Spread, bucket_of


class QueueCounts(msgspec.Struct):
    """
    Of one queue, or of all. Each counts when it is over: a wait when it ends, a handling when its
    wrap-up does.

    ``answered`` began a conversation; ``abandoned`` left while they waited, ``short_abandoned`` so
    soon that they are in no rate. ``met`` and ``counted`` are the two parts of the service level
    (:mod:`acd.service_level`), by the target of the moment. ``overflowed``
    went on elsewhere, ``exited`` left by a way that the centre offers, ``lost`` was cut off
    by a fault of ours. ``deferred_…``: contacts that nobody waits for at the line.
    """

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    short_abandoned: int = 0
    met: int = 0
    counted: int = 0
    overflowed: int = 0
    exited: int = 0
    turned_away: int = 0
    lost: int = 0
    deferred_offered: int = 0
    deferred_answered: int = 0
    answer_ms: int = 0
    wait_ms: int = 0
    longest_ms: int = 0
    handled: int = 0
    transferred: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_ms: int = 0
    spread: Spread = msgspec.field(default_factory=dict)

    def waited(self, ms: int) -> None:
        """A wait is over, in a conversation or abandoned."""
        self.wait_ms += ms
        self.longest_ms = max(self.longest_ms, ms)
        bucket = bucket_of(ms)
        self.spread[bucket] = self.spread.get(bucket, 0) + 1

    def take_away(self, other: "QueueCounts") -> None:
        """All of the other, but for the longest wait, which only the rest can tell."""
        for name in _ADDED_UP:
            setattr(self, name, getattr(self, name) - getattr(other, name))
        for bucket, number in other.spread.items():
            left = self.spread[bucket] - number
            if left:
                self.spread[bucket] = left
            else:
                del self.spread[bucket]


_ADDED_UP = tuple(
    name for name in QueueCounts.__struct_fields__ if name not in {"longest_ms", "spread"}
)


class AgentCounts(msgspec.Struct):
    """Of one agent. The last five are the time in each state but logged out."""

    handled: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_ms: int = 0
    offered: int = 0
    missed: int = 0
    declined: int = 0
    unreachable: int = 0
    transferred: int = 0
    ready_ms: int = 0
    not_ready_ms: int = 0
    ringing_ms: int = 0
    talking_ms: int = 0
    wrap_up_ms: int = 0

    @property
    def staffed_ms(self) -> int:
        return (
            self.ready_ms + self.not_ready_ms + self.ringing_ms + self.talking_ms + self.wrap_up_ms
        )

    @property
    def busy_ms(self) -> int:
        return self.talking_ms + self.wrap_up_ms

    def spend(self, state: str, ms: int) -> None:
        """So much time in a state."""
        name = f"{state}_ms"
        if name in _STATES:
            setattr(self, name, getattr(self, name) + ms)


_STATES = frozenset({"ready_ms", "not_ready_ms", "ringing_ms", "talking_ms", "wrap_up_ms"})


class TrunkCounts(msgspec.Struct):
    """
    Of one trunk, or of all calls.

    Of our own calls (``placed``) so many are ``over``, and so many of these were ``answered``.
    ``refused`` were not let in, ``unavailable`` came in and found no media; ``line_ms`` is how long
    lines were busy, summed over them, ``peak`` how many were at once.
    """

    arrived: int = 0
    placed: int = 0
    over: int = 0
    answered: int = 0
    refused: int = 0
    unavailable: int = 0
    line_ms: int = 0
    peak: int = 0
