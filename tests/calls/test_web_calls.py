"""Who may call from a page: which numbers, how many at once, how often."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from config.web_calls import WebCallSettings
from cti_server.calls import termination
from cti_server.calls.caller_line import CallerLine
from cti_server.calls.dial_pad import NoNewCalls
from cti_server.calls.errors import NotForPages, TooManyWebCalls
from cti_server.calls.leg import Leg
from cti_server.calls.switchboard import Switchboard
from cti_server.calls.web_calls import WebCalls
from cti_server.media.web.description import OfferRefused
from cti_server.openings import MINUTE
from cti_server.wire.web_calls import WebCallBegin
from tests.virtual_time import run

from .test_browser_phone import OFFER

SETTINGS: dict[str, Any] = {"numbers": {"1000": {"en": "Menu"}}, "caller_number": "13900139000"}


class Numbers:
    """The switchboard, as far as pages reach it."""

    def __init__(self) -> None:
        self.lines: list[CallerLine] = []

    def arrived(self, line: CallerLine) -> Any:
        self.lines.append(line)
        number = len(self.lines)
        line.connect(
            Leg(
                leg_id=f"leg{number}",
                call_id=f"call{number}",
                hung_up=termination.CALLER_HUNG_UP,
                append=lambda _: None,
            )
        )
        return SimpleNamespace(contact=SimpleNamespace(id=f"k{number}"))


class Entrance:
    def __init__(self, **changes: Any) -> None:
        self.numbers = Numbers()
        self.welcome = True
        self.refused: list[tuple[str, str]] = []
        self.calls = WebCalls(
            WebCallSettings.model_validate(SETTINGS | changes),
            cast(Switchboard, self.numbers),
            lambda: self.welcome,
            lambda trunk, cause: self.refused.append((trunk, cause)),
        )

    def call(self, address: str = "192.0.2.7", number: str = "1000", sdp: str = OFFER) -> Any:
        return self.calls.begin(WebCallBegin(number=number, sdp=sdp), address, lambda _: None)


def in_time(story: Callable[[], Any]) -> None:
    async def scenario() -> None:
        if asyncio.iscoroutine(going := story()):
            await going

    run(scenario())


def test_it_arrives_like_any_call_with_the_number_that_is_configured() -> None:
    def story() -> None:
        entrance = Entrance()
        caller = entrance.call()

        (line,) = entrance.numbers.lines
        assert (line.called.caller_number, line.called.dialled_number) == ("13900139000", "1000")
        assert (line.called.trunk, line.called.address) == ("web", "web:192.0.2.7")
        assert (caller.contact_id, entrance.calls.running) == ("k1", 1)

    in_time(story)


def test_other_numbers_and_what_is_no_offer_are_refused() -> None:
    def story() -> None:
        entrance = Entrance()
        with pytest.raises(NotForPages, match="'1001' cannot be called"):
            entrance.call(number="1001")
        with pytest.raises(OfferRefused):
            entrance.call(sdp="v=0")
        assert entrance.numbers.lines == []
        assert entrance.calls.running == 0

    in_time(story)


def test_so_many_at_once_from_one_address_and_from_all_and_room_again_when_one_ends() -> None:
    def story() -> None:
        entrance = Entrance(at_once=3, at_once_each=2, openings=100)
        first, _ = entrance.call("a"), entrance.call("a")
        with pytest.raises(TooManyWebCalls) as each:
            entrance.call("a")
        entrance.call("b")
        with pytest.raises(TooManyWebCalls):
            entrance.call("c")

        assert each.value.retry_after > 0
        assert entrance.refused == [("web", "overload")]  # one address's own is no lack of ours
        first.put_down()
        first.put_down()
        assert entrance.calls.running == 2
        entrance.call("a")

    in_time(story)


def test_so_many_are_begun_by_one_address_in_a_minute_whatever_became_of_them() -> None:
    async def story() -> None:
        entrance = Entrance(openings=2)
        entrance.call().put_down()
        with pytest.raises(OfferRefused):
            entrance.call(sdp="v=0")
        with pytest.raises(TooManyWebCalls) as refused:
            entrance.call()
        assert refused.value.retry_after == MINUTE
        await asyncio.sleep(MINUTE)
        entrance.call()

    in_time(story)


def test_a_server_that_starts_or_stops_takes_none() -> None:
    def story() -> None:
        entrance = Entrance()
        entrance.welcome = False
        with pytest.raises(NoNewCalls):
            entrance.call()
        assert entrance.refused == [("web", "draining")]

    in_time(story)
