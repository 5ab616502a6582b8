"""A leg on its own: what it says of itself when things happen at once."""

import asyncio

import pytest

from cti_server.calls import termination
from cti_server.calls.leg import Leg
from cti_server.calls.sip_session import SipSession
from cti_server.sip.session import Ended
from cti_server.wire.events import Event


def new_leg() -> Leg:
    events: list[Event] = []
    return Leg(
        leg_id="leg-1",
        call_id="call-1",
        hung_up=termination.AGENT_HUNG_UP,
        append=events.append,
    )


async def test_who_answers_and_hangs_up_in_one_breath_has_answered() -> None:
    leg = new_leg()
    waiting = asyncio.create_task(leg.settled())
    await asyncio.sleep(0)

    leg.mark_connected()
    SipSession(leg, 1).ended(Ended("bye"))

    assert await waiting
    assert leg.over.is_set()
    assert leg.termination is termination.AGENT_HUNG_UP


@pytest.mark.parametrize(
    ("status", "why"), [(486, termination.DECLINED), (503, termination.UNREACHABLE)]
)
async def test_who_refuses_has_not_answered(status: int, why: termination.Termination) -> None:
    leg = new_leg()

    SipSession(leg, 1).failed(status, "")

    assert not await leg.settled()
    assert leg.termination is why
