"""A flow promises a call-back: at which place, and when it cannot."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from crm.pop import UNAVAILABLE, CustomerSummary, Pop
from cti_server.calls.contact import Contact
from cti_server.calls.exchange import Exchange
from cti_server.calls.number_plan import DiallingRefused, dialable
from cti_server.calls.promised_call_back import promise
from cti_server.wire.events import CallBackWanted
from ivr.actions import Enqueue
from ivr.inquiries import PromiseCallBack
from tests.fakes.loop_clock import LoopClock
from tests.virtual_time import run

NUMBER, OTHER = "13800138000", "+861069445566"
GOLD = Pop.of([CustomerSummary(id="c7", kind="person", name="王芳", tier="gold")], 1.0)
BARRED = "barred"


class Switchboard:
    """Whom we may dial."""

    def check(self, target: str) -> None:
        if dialable(target, "CN").startswith("+86133"):
            raise DiallingRefused(BARRED)


def asked(
    *wishes: PromiseCallBack, waited: bool = False, number: str = NUMBER, pop: Pop = UNAVAILABLE
) -> tuple[list[bool], Any]:
    """What became of these wishes of one caller, and what the log has of it."""

    async def scenario() -> tuple[list[bool], Any]:
        clock, log = LoopClock(), list[CallBackWanted]()
        exchange = SimpleNamespace(
            append=log.append,
            clock=clock,
            outbound=Switchboard(),
            queues={"sales": None},
            region="CN",
            tier_priorities={"gold": 20},
        )

        async def customer() -> Pop:
            return pop

        contact = SimpleNamespace(
            id="k1",
            caller_number=number,
            call_back=None,
            customer=customer,
            language="zh",
            priority=7 if waited else 0,
            queued_at=clock.now() if waited else None,
            wish=Enqueue("desk", requirements={"sales": 3}) if waited else None,
        )
        them = cast("Exchange", exchange), cast("Contact", contact)
        promised = [await promise(*them, wish) for wish in wishes]
        return promised, log

    return run(scenario())


def test_who_has_waited_keeps_all_that_belongs_to_the_place() -> None:
    promised, [wanted] = asked(
        PromiseCallBack("sales", priority=90, requirements={"english": 9}), waited=True
    )

    assert promised == [True]
    assert (wanted.contact_id, wanted.number, wanted.queue) == ("k1", NUMBER, "sales")
    assert (wanted.reason, wanted.language) == ("asked", "zh")
    assert (wanted.priority, wanted.requirements) == (7, {"sales": 3})


def test_who_has_not_waited_is_called_as_the_menu_says_and_the_customers_tier_adds() -> None:
    wish = PromiseCallBack("sales", OTHER, 10, {"english": 2})
    promised, [wanted] = asked(wish, pop=GOLD)

    assert promised == [True]
    assert (wanted.number, wanted.priority, wanted.requirements) == (OTHER, 30, {"english": 2})


@pytest.mark.parametrize("number", ["anonymous", "", "110", "13300001234", "sip:x@evil.example"])
def test_a_number_that_nobody_may_dial_is_promised_nothing(number: str) -> None:
    assert asked(PromiseCallBack("sales", number)) == ([False], [])
    assert asked(PromiseCallBack("sales"), number=number) == ([False], [])


def test_a_queue_that_is_gone_calls_nobody() -> None:
    assert asked(PromiseCallBack("night")) == ([False], [])


def test_a_contact_has_one_call_back() -> None:
    promised, log = asked(
        PromiseCallBack("sales"), PromiseCallBack("sales", OTHER), PromiseCallBack("sales", NUMBER)
    )

    assert (promised, len(log)) == ([True, False, True], 1)
