"""What a load run shall do, and when its calls arrive. Pure."""

import ipaddress
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from cti_server.media.digits import KEYS
from cti_server.sip.errors import SipParseError
from cti_server.sip.uri import Uri
from simulator.errors import PlanInvalid

MOST_CALLS: Final = 100_000
MOST_AT_ONCE: Final = 2_000
LONGEST: Final = 3_600.0  # seconds of arrivals, or of one call
SLACK: Final = 5.0  # seconds beyond patience and hold after which a caller gives up


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan:
    """
    Open-loop: calls arrive at their times, however slow the server is. Times in seconds.

    A run ends after ``calls`` calls or after ``duration``, whichever comes first.
    """

    target: str = "sip:1000@127.0.0.1:5060"
    agents_at: tuple[tuple[str, int], ...] = (("127.0.0.1", 5080),)
    """Where the server looks for its agents; one process each."""
    calls: int | None = None
    duration: float | None = None
    rate: float = 1.0
    """Arrivals a second."""
    arrivals: Literal["even", "poisson"] = "even"
    seed: int = 1
    concurrent: int = 200
    """An arrival beyond so many open calls is not placed, but counted."""
    hold: float = 10.0
    """From the agent's answer until the agent hangs up."""
    answer_after: float = 0.0
    patience: float = 30.0
    """How long a caller waits for an agent."""
    numbers: tuple[str, ...] = ()
    """Who calls, each once: both sides of a call are joined by it. Then numbers of nobody."""
    digit: str | None = None
    digit_after: float = 0.2
    digit_by: Literal["rtp", "info"] = "rtp"
    rtp: bool = True
    """False: signalling alone; keys by RTP are sent all the same."""
    caller_processes: int = 1
    rtp_processes: int = 1

    def check(self) -> None:
        """Raises PlanInvalid, in words."""
        for claim, complaint in self._claims():
            if not claim:
                raise PlanInvalid(complaint)

    @property
    def server(self) -> tuple[str, int]:
        uri = Uri.parse(self.target)
        return uri.host, uri.port or 5060

    @property
    def longest_call(self) -> float:
        """A call that is not over then is hung up by its caller."""
        return self.digit_after + self.answer_after + self.patience + self.hold + SLACK

    @property
    def longest_run(self) -> float:
        """A bound on the whole run; nothing is left running after it."""
        arriving = min(
            self.duration or math.inf,
            (self.calls or math.inf) / self.rate * (4 if self.arrivals == "poisson" else 1),
            LONGEST,
        )
        return arriving + self.longest_call + 2 * SLACK

    def _claims(self) -> Iterator[tuple[bool, str]]:
        yield (
            _is_loopback_uri(self.target),
            f"target {self.target}: a SIP URI on loopback is needed",
        )
        for host, port in self.agents_at:
            yield _is_loopback(host), f"agents at {host}: only loopback addresses"
            yield 0 <= port <= 65535, f"agents at port {port}: there is no such port"
        yield bool(self.agents_at), "agents need at least one address"
        yield self.calls is not None or self.duration is not None, "say how many calls or how long"
        yield _within(self.calls, 1, MOST_CALLS), f"calls: 1 to {MOST_CALLS}"
        yield _within(self.duration, 0.1, LONGEST), f"duration: 0.1 to {LONGEST:g} seconds"
        yield _within(self.rate, 0.01, 1000), "rate: 0.01 to 1000 calls a second"
        yield _within(self.concurrent, 1, MOST_AT_ONCE), f"concurrent: 1 to {MOST_AT_ONCE} calls"
        for name in ("hold", "answer_after", "patience", "digit_after"):
            seconds: float = getattr(self, name)
            yield _within(seconds, 0, LONGEST), f"{name}: 0 to {LONGEST:g} seconds"
        yield (
            self.digit is None or (len(self.digit) == 1 and self.digit in KEYS),
            (f"digit {self.digit}: one of {KEYS}"),
        )
        yield 1 <= self.caller_processes <= 16, "caller processes: 1 to 16"
        yield 1 <= self.rtp_processes <= 16, "RTP processes: 1 to 16"


def arrival_times(plan: LoadPlan) -> Iterator[float]:
    """Seconds after the start, in order; the same for every process, by the plan's seed."""
    chance = random.Random(plan.seed)
    at, number = 0.0, 0
    until = LONGEST if plan.duration is None else plan.duration
    most = MOST_CALLS if plan.calls is None else plan.calls
    while number < most and at < until:
        yield at
        number += 1
        at = number / plan.rate if plan.arrivals == "even" else at + chance.expovariate(plan.rate)


def _within(value: float | None, least: float, most: float) -> bool:
    return value is None or least <= value <= most


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback and ":" not in host
    except ValueError:
        return False


def _is_loopback_uri(text: str) -> bool:
    try:
        uri = Uri.parse(text)
    except SipParseError:
        return False
    return uri.scheme == "sip" and _is_loopback(uri.host)
