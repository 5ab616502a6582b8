"""What somebody else did not take: when it is tried again, and when it is given up. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_LARGEST_EXPONENT = 12  # every pace is at its longest wait by then


@dataclass(frozen=True, slots=True)
class TryAgain:
    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It becomes a dead letter: a person decides what becomes of it."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long is waited between two attempts: four times as long each time, up to the longest."""

    first: timedelta
    longest: timedelta

    def wait(self, attempts: int, chance: float) -> timedelta:
        """
        After so many attempts.

        ``chance``, from 0 to 1, spreads attempts that failed together (the upper half of the wait).
        """
        times: int = 4 ** min(attempts - 1, _LARGEST_EXPONENT)
        return min(self.first * times, self.longest) * (0.5 + chance / 2)


@dataclass(frozen=True, slots=True)
class Patience:
    """How one channel goes on with what was not taken."""

    pace: Pace
    gives_up_after: timedelta  # since it was to be sent
    most_attempts: int | None = None

    def after_failure(
        self, attempts: int, wanted_at: datetime, now: datetime, *, permanent: bool, chance: float
    ) -> TryAgain | GiveUp:
        """
        ``attempts``: made so far, this one included, since it was to be sent at ``wanted_at``.
        ``permanent``: it would be refused again.
        """
        if permanent or self.exhausted(wanted_at, now):
            return GiveUp()
        if self.most_attempts is not None and attempts >= self.most_attempts:
            return GiveUp()
        return TryAgain(now + self.pace.wait(attempts, chance))

    def exhausted(self, wanted_at: datetime, now: datetime) -> bool:
        return now - wanted_at >= self.gives_up_after
