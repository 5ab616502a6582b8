"""The agents' page in Firefox ESR."""

import contextlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.centre import Centre, centre
from tests.e2e.people import passed
from tests.e2e.talking import hears_music

from .chromium import through
from .firefox import Firefox, FirefoxTab, firefox, own_address
from .relays import audio_relay
from .seat import CALLER, LI, NUMBERS, SERVICE, Seat, ready
from .tab import MICROPHONE

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.interop]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    """A centre whose media are where Firefox goes."""
    media = {"workers": 1, "host": own_address(), "ports": [30000, 32999]}
    folder = tmp_path_factory.mktemp("firefox-centre")
    numbers = {"2000": NUMBERS["2000"]}
    async with centre(folder, LI, queues=[SERVICE], numbers=numbers, media=media) as it:
        yield it


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Firefox]:
    async with firefox(tmp_path_factory.mktemp("profile")) as it:
        yield it


@contextlib.asynccontextmanager
async def seated(
    hotline: Centre, browser: Firefox, script: str = ""
) -> AsyncIterator[Seat[FirefoxTab]]:
    tab = await browser.new_tab()
    try:
        await tab.open(int(hotline.server.config["api"]["port"]), script)
        async with ready(hotline, tab):
            yield Seat(hotline, tab)
    finally:
        await tab.close()


async def test_a_call_is_answered_held_sent_keys_and_hung_up(
    hotline: Centre, browser: Firefox
) -> None:
    async with seated(hotline, browser) as li:
        caller = await li.talk()
        await li.tab.hears(CALLER)

        await li.tab.press("hold")
        await li.tab.when("desk.call.talk?.state === 'on_hold'")
        await hears_music(caller.call)
        await li.tab.hears_nothing()
        await li.tab.press("hold")
        await caller.call.hears(MICROPHONE)
        await li.tab.hears(CALLER)
        await li.tab.evaluate("desk.act({type: 'digits', digits: '15#'})")
        await caller.call.hears_digits("15#")
        await li.tab.evaluate(
            """desk.softphone.peer(desk.call.id).getSenders()[0]
                .dtmf.insertDTMF("28*", 120, 70)"""
        )
        await caller.call.hears_digits("28*")

        await li.tab.press("hang-up")
        assert await caller.over() == ("handled", "agent-hung-up")


async def test_a_reload_in_a_call_brings_the_audio_back_by_itself(
    hotline: Centre, browser: Firefox
) -> None:
    async with seated(hotline, browser) as li:
        caller = await li.talk()

        await li.tab.reload()
        await li.tab.talks()

        await caller.call.hears(MICROPHONE)
        await li.tab.hears(CALLER)


async def test_a_second_tab_has_the_audio_only_when_it_is_taken(
    hotline: Centre, browser: Firefox
) -> None:
    async with seated(hotline, browser) as li:
        caller = await li.talk()
        second = await li.tab.another()
        try:
            await second.when("desk.audio === 'elsewhere' && desk.call?.state === 'talking'")
            assert await second.heard() is None

            await second.press("take-audio")
            await li.tab.when("desk.audio === 'elsewhere'")

            await second.hears(CALLER)
            await caller.call.hears(MICROPHONE)
            assert await li.tab.heard() is None
        finally:
            await second.close()


async def test_five_seconds_without_a_path_and_both_hear_one_another_again(
    hotline: Centre, browser: Firefox
) -> None:
    async with audio_relay(own_address()) as relay, seated(hotline, browser, through(relay)) as li:
        caller = await li.talk(relay)

        relay.is_cut = True
        await passed(caller.call, 5)
        await hears_music(caller.call)
        relay.is_cut = False

        await li.tab.talks()
        await caller.call.hears(MICROPHONE)
        await li.tab.hears(CALLER)
