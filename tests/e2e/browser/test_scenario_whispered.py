"""A supervisor helps an agent in a call by voice and in writing; the customer hears nothing."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.audio import seconds_of
from tests.e2e.centre import Centre
from tests.interop.foreign_phones import pjsua

from .floor_page import shows, supervising
from .seat import CUSTOMER, seated
from .tab import MICROPHONE

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

NUMBER = "13912340079"
COACHED = "Ask for the name first."
AGENT = 440  # Hz; the supervisor's microphone hears another tone
OTHER_VOICE = f"""
navigator.mediaDevices.getUserMedia = async () => {{
    const context = new AudioContext();
    const voice = new OscillatorNode(context, {{frequency: {AGENT}}});
    const microphone = context.createMediaStreamDestination();
    voice.connect(microphone);
    voice.start();
    await context.resume();
    return microphone.stream;
}};
"""


async def test_who_whispers_is_heard_by_the_agent_alone_and_what_is_advised_is_read(
    hotline: Centre, browser: Browser, tmp_path: Path
) -> None:
    async with supervising(hotline, browser) as floor:
        async with (
            pjsua(tmp_path, NUMBER, tone=CUSTOMER) as customer,
            seated(hotline, browser, OTHER_VOICE) as li,
        ):
            await customer.do("call", uri=hotline.server.uri("2000"))
            await li.tab.when("desk.call?.state === 'ringing'", 30)
            await li.tab.press("answer")
            await li.tab.talks(30)
            await li.tab.hears(CUSTOMER)
            contact = await li.tab.evaluate("desk.call.contact_id")

            await floor.click("#agent-grid tr[data-id=li] button")
            await shows(floor.locator("#drawer #contact"), NUMBER)
            await floor.click("#listen-whisper")
            await customer.do("fall_silent")
            await li.tab.hears(MICROPHONE)
            await floor.fill("#nudge input", "Offer a call-back.")
            await floor.click("#nudge button")
            await shows(li.tab.page.locator("body"), "Offer a call-back.")
            await floor.fill("#coaching textarea", COACHED)
            await floor.click("#coaching button")
            await customer.do("speak")
            await floor.click("#listen-stop")
            await li.tab.hears(CUSTOMER)
            await customer.do("hang_up")
            await li.tab.when("desk.call === null", 30)
        history = await hotline.history(contact)
    assert [(one["supervisor_id"], one["text"]) for one in history["coaching"]] == [
        ("boss", COACHED)
    ]
    heard = customer.heard()
    assert seconds_of(heard, AGENT) > 1
    assert seconds_of(heard, MICROPHONE) == 0
