"""
Whether a trunk lives, by what came from it: answers to our OPTIONS, and calls. Pure.

Any final answer is life, whatever it says, but 408 and 503: behind these nobody takes calls. What
was not answered once may have got lost; twice after one another is believed. Whoever takes calls
and leaves OPTIONS unanswered does not know it or does not want it: calls alone tell from then on.
"""

from datetime import datetime
from typing import Literal

BELIEVED = 2  # questions after one another that nobody answered
NOBODY = frozenset({408, 503})

State = Literal["unknown", "up", "down"]


class TrunkHealth:
    """
    Of one trunk, since this server's start. What it is told answers whether its state is another.
    """

    def __init__(self) -> None:
        self.state: State = "unknown"
        self.since: datetime | None = None
        self.asked = self.unanswered = self.failed_calls = 0
        self.answers_options: bool | None = None  # None: nobody knows yet
        self.status: int | None = None  # of its last answer to a question
        self.answered_at: datetime | None = None
        self.round_trip: float | None = None  # seconds
        self.failed_status: int | None = None  # of the last call that it did not take
        self.failed_at: datetime | None = None
        self._missed = 0

    @property
    def doubtful(self) -> bool:
        """Whether it is worth asking again soon: one question was missed, which is no proof."""
        return 0 < self._missed < BELIEVED and self.answers_options is not False

    def answered(self, status: int, took: float, now: datetime) -> bool:
        """It gave a final answer to a question, after so many seconds."""
        self.status, self.round_trip, self.answered_at = status, took, now
        self.answers_options = True
        if status in NOBODY:
            return self.missed(now)
        return self._lives(now)

    def missed(self, now: datetime) -> bool:
        """Nobody answered a question, or somebody in its place."""
        self.unanswered += 1
        self._missed += 1
        if self.answers_options is False or self._missed < BELIEVED:
            return False
        return self._to("down", now)

    def took_call(self, now: datetime) -> bool:
        """It brought a call, or took one."""
        if self._missed:
            self.answers_options = False
        return self._lives(now)

    def failed_call(self, status: int, now: datetime) -> bool:
        """It did not take a call of ours itself."""
        self.failed_calls += 1
        self.failed_status, self.failed_at = status, now
        if status not in NOBODY:
            return self.took_call(now)
        return self.answers_options is False and self._to("down", now)

    def _lives(self, now: datetime) -> bool:
        self._missed = 0
        return self._to("up", now)

    def _to(self, state: State, now: datetime) -> bool:
        if state == self.state:
            return False
        self.state, self.since = state, now
        return True
