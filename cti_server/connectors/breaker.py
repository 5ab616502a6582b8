"""When a system that fails is left alone, so that nobody waits for it in vain. Pure."""

from dataclasses import dataclass

FAILURES = 3  # in a row
REST = 10.0  # seconds; then one caller finds out whether it answers again


@dataclass(slots=True)
class Breaker:
    """``failures`` are those in a row; times are in seconds of any clock that only grows."""

    failures: int = 0
    rests_until: float = 0.0

    def lets_through(self, now: float) -> bool:
        """Whether to ask; who is let through after a rest goes alone until it is known how."""
        if self.failures < FAILURES:
            return True
        if now < self.rests_until:
            return False
        self.rests_until = now + REST
        return True

    def succeeded(self) -> None:
        self.failures = 0

    def failed(self, now: float) -> None:
        self.failures += 1
        self.rests_until = now + REST

    def resting(self, now: float) -> bool:
        return self.failures >= FAILURES and now < self.rests_until
