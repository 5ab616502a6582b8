"""What an attempt to reach a customer comes to, by how their call ended."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from config.floor import QueueSettings
from cti_server.calls import termination
from cti_server.calls.call import Call
from cti_server.calls.call_backs import CallBacks
from cti_server.calls.leg import Leg
from cti_server.calls.open_call_back import OpenCallBack
from cti_server.calls.reaching import AGENT_LEFT, Reaching
from cti_server.calls.termination import Termination
from cti_server.wire.events import Event

from .test_call_backs import LOST, NOW


class Attempt:
    """One that failed; the call-backs note what they are told of it."""

    def __init__(self, why: Termination, status: int | None = None) -> None:
        self.told: list[Event] = []
        self.outcome = ""
        customer = SimpleNamespace(termination=why, status=status, on_rang=None)
        call = SimpleNamespace(
            caller=customer,
            contact=SimpleNamespace(id="c1"),
            legs=self,
            exchange=SimpleNamespace(
                append=self.told.append,
                floor=SimpleNamespace(withdraw=lambda contact_id: None),
                phones=SimpleNamespace(at=lambda number: number),
            ),
        )
        one = OpenCallBack(
            id="lost",
            number=LOST.number,
            line=LOST.number,
            queue="sales",
            queued_at=NOW,
            wanted_at=NOW,
            reason="asked",
            due_at=NOW,
        )
        self.reaching = Reaching(
            cast(Call, call), one.number, QueueSettings(name="sales"), cast(CallBacks, self), one
        )

    async def dial(self) -> None:
        like = SimpleNamespace(codec="PCMA", comfort_noise=False)
        names = {"contact_id": "c1", "interaction_id": "i", "agent_id": "li"}
        await self.reaching.dial(names, like=cast(Leg, like))

    async def ring(self, *_: object, **__: object) -> None:
        """Their phone rings."""

    def dialled(self, one: OpenCallBack) -> None:
        one.dialling = True

    def is_open(self, one: OpenCallBack) -> bool:
        return True

    def not_reached(self, one: OpenCallBack, outcome: str, agent_id: str) -> None:
        self.outcome = outcome

    def let_go(self, *_: Any) -> None:
        """Nobody waits for it here."""


@pytest.mark.parametrize(
    ("why", "outcome"),
    [
        (termination.CALLER_HUNG_UP, "not_met"),
        (termination.SERVER_STOPPED, "cut"),
        (termination.MEDIA_LOST, "cut"),
        (termination.INTERNAL_ERROR, "cut"),
    ],
)
async def test_who_picked_up_and_was_lost_by_our_own_fault_has_not_failed_us(
    why: Termination, outcome: str
) -> None:
    attempt = Attempt(why)
    await attempt.dial()
    attempt.reaching.over()

    assert attempt.outcome == outcome


async def test_an_agent_who_leaves_is_no_fault_of_the_customers() -> None:
    attempt = Attempt(termination.RELEASED)
    await attempt.dial()
    attempt.reaching.failed(AGENT_LEFT)

    assert attempt.outcome == "agent_left"
