"""The agents' page in Firefox ESR: the plain call."""

from pathlib import Path

import pytest

from simulator.audio import tone
from tests.e2e.centre import centre

from . import ears
from .firefox import MICROPHONE, firefox, own_address
from .seat import CALLER, LI, NUMBERS, QUEUES

pytestmark = [pytest.mark.asyncio, pytest.mark.interop]


async def test_a_call_is_answered_heard_and_hung_up_in_firefox(tmp_path: Path) -> None:
    (tmp_path / "profile").mkdir()
    media = {"workers": 1, "host": own_address(), "ports": [30000, 32999]}
    async with (
        centre(tmp_path, LI, queues=QUEUES, numbers=NUMBERS, media=media) as hotline,
        firefox(tmp_path / "profile") as page,
    ):
        await page.open(f"http://localhost:{hotline.server.config['api']['port']}/")
        await page.log_in(LI.id)
        await page.press("ready")
        caller = hotline.caller()
        call = await caller.dial("2000")
        call.say(tone(CALLER))
        await page.when("desk.call?.state === 'ringing'")

        await page.press("answer")
        await page.when("desk.call?.state === 'talking' && desk.call.audio")

        await call.hears(MICROPHONE)
        assert await ears.recorded(page.evaluate) == pytest.approx(CALLER, abs=15)
        await page.press("hang-up")
        assert await caller.over() == ("handled", "agent-hung-up")
