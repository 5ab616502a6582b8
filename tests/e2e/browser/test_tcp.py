"""An agent whose network drops every datagram."""

import pytest
from playwright.async_api import Browser

from tests.audio import seconds_of, stereo
from tests.e2e.centre import Centre
from tests.e2e.people import passed

from .chromium import through
from .relays import audio_relay
from .seat import CALLER, seated
from .tab import MICROPHONE

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

TALK = 3.0  # seconds


async def test_where_no_datagram_passes_calls_come_over_tcp_are_heard_recorded_and_reloaded(
    hotline: Centre, browser: Browser
) -> None:
    async with (
        audio_relay() as blocked,
        seated(hotline, browser, through(blocked, tcp=True)) as li,
    ):
        blocked.is_cut = True
        await li.tab.when("desk.path === 'connected'")  # the check went over TCP, too
        caller = await li.talk()
        await li.tab.hears(CALLER)
        await passed(caller.call, TALK)
        figures = await li.tab.reported()
        assert (figures["protocol"], figures["lost"], figures["remoteLost"]) == ("tcp", 0, 0)
        assert blocked.dropped > 0

        await li.tab.page.reload()
        await li.tab.talks()
        await caller.call.hears(MICROPHONE)
        await li.tab.hears(CALLER)
        await li.tab.press("hang-up")
        assert await caller.over() == ("handled", "agent-hung-up")

    history = await hotline.chief.when(
        f"/api/v1/contacts/{caller.contact_id}",
        lambda it: [one for one in it["recordings"] if one["duration"]],
    )
    (recording,) = history["recordings"]
    left, right = stereo(await hotline.chief.get_bytes(recording["audio"]))
    assert seconds_of(left, CALLER) > TALK
    assert seconds_of(right, MICROPHONE) > TALK
