"""The estimates of waits as figures of the queues."""

from typing import Any

from acd.effects import Effect
from acd.estimates import Estimates
from acd.inputs import Accept, EndInteraction, Enqueue, Input, PutAgent, apply
from acd.model import AgentId, ContactId, OfferId
from acd.profile import Profile
from config.floor import QueueSettings
from cti_server.live.estimated_waits import EstimatedWaits
from cti_server.live.shots import Shots
from cti_server.live.staff import Staff
from tests.acd.build import at, contact, offers, queue, router

from .days import Day

QUEUES = {name: QueueSettings(name=name) for name in ("sales", "law")}


class Hall:
    """One agent, whose every contact of the queue "sales" takes a minute."""

    def __init__(self) -> None:
        self.acd = router(queue("sales"), queue("law", law=1))
        self.estimates = Estimates(self.acd)
        self.day = Day()
        staff = Staff(dict, {**QUEUES, "gone": QueueSettings(name="gone")})
        self.shots = Shots(self.day.fold, staff, EstimatedWaits(self.estimates), {})
        self.offer: OfferId | None = None
        self.take(PutAgent(AgentId("ann"), Profile({}), always_ready=True), 0)

    def take(self, happened: Input, now: float) -> None:
        effects: list[Effect] = apply(self.acd, happened, at(now))
        self.estimates.hear(happened, effects, at(now))
        for offer in offers(effects):
            self.offer = offer.id

    def comes(self, now: float, name: str) -> None:
        self.take(Enqueue(contact(name, now)), now)

    def answers(self, now: float) -> None:
        assert self.offer is not None
        self.take(Accept(self.offer), now)

    def is_done(self, now: float) -> None:
        assert self.offer is not None
        self.take(EndInteraction(self.offer, "caller"), now)

    def rows(self) -> dict[str, Any]:
        return dict(self.shots.take().queues)


def test_rows_tell_what_is_expected_and_a_row_that_says_the_same_is_the_same() -> None:
    hall = Hall()
    for number in range(12):
        hall.comes(100 * number, f"c{number}")
        hall.answers(100 * number)
        hall.is_done(100 * number + 60)
    served = hall.rows()
    hall.comes(2000, "talks")
    hall.answers(2000)
    one = hall.rows()
    hall.comes(2001, "waits")
    two = hall.rows()

    assert served["sales"]["expected_wait"] == {"p50": 0.0, "p80": 0.0, "p90": 0.0}
    assert 40 < one["sales"]["expected_wait"]["p50"] < 60
    for quantile, seconds in one["sales"]["expected_wait"].items():
        assert two["sales"]["expected_wait"][quantile] > seconds
    assert two["law"]["expected_wait"] is two["gone"]["estimates_held"] is None
    assert two["law"] is one["law"] is served["law"]
    assert hall.rows()["sales"] is two["sales"]
    assert hall.shots.take().centre["queues"]["expected_wait"] is None


def test_what_came_of_the_estimates_is_told_when_a_wait_is_over() -> None:
    hall = Hall()
    for number in range(12):
        hall.comes(100 * number, f"c{number}")
        hall.answers(100 * number)
        hall.is_done(100 * number + 60)
    hall.comes(2000, "talks")
    hall.answers(2000)
    hall.comes(2010, "waits")
    hall.day.queued(2010, "waits")
    hall.estimates.promised(ContactId("waits"), at(2100), at(2010))
    before = hall.rows()["sales"]["estimates_held"]
    hall.is_done(2040)
    hall.answers(2041)
    hall.day.connected(2041, "waits", "ann")
    after = hall.rows()["sales"]["estimates_held"]

    assert before == {"p50": None, "p80": None, "p90": None, "told": None, "told_count": 0}
    assert after == {"p50": 1.0, "p80": 1.0, "p90": 1.0, "told": 1.0, "told_count": 1}
