"""A party that is not heard any more: the alarm, its end, the end of a dead call, the records."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from simulator.audio import tone
from simulator.phone_call import PhoneCall

from .centre import Centre
from .people import Caller, passed
from .talking import LI_HZ, talking_centre

pytestmark = pytest.mark.asyncio(loop_scope="module")

RTP_TIMEOUT = 4.5  # seconds; an operator's usual one is a minute


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    folder = tmp_path_factory.mktemp("silent")
    media = {"workers": 1, "ports": [30000, 32999], "rtp_timeout": RTP_TIMEOUT}
    async with talking_centre(folder, media=media) as it:
        yield it


async def with_li(hotline: Centre) -> tuple[Caller, PhoneCall]:
    """A customer who talks with li; the customer, and the call at li's phone."""
    caller = hotline.caller()
    await caller.dial("2000")
    at_li = await hotline.agents["li"].rung()
    at_li.say(tone(LI_HZ))
    await caller.happens("interaction.started")
    return caller, at_li


async def test_a_customer_who_is_not_heard_is_an_event_within_three_and_a_half_seconds(
    hotline: Centre,
) -> None:
    """Then heard again, and in the call's record and on /metrics."""
    loop = asyncio.get_running_loop()
    async with hotline.on_duty("li") as (li,), li.desk.stream() as feed:
        caller, at_li = await with_li(hotline)
        await passed(at_li, 0.2)  # what comes after a gap tells of it only if something came before
        caller.call.lose_audio()
        began = loop.time()
        alarm = await caller.happens("leg.one_way_audio")

        assert 2.9 <= alarm.heard_at - began <= 3.5
        assert 3.0 <= alarm.data["seconds"] <= 3.3
        await caller.call.hears(LI_HZ)  # the other direction is well
        alert = (await feed.until("alert.raised"))["data"]  # on the agent's own stream

        caller.call.lose_audio(False)
        resumed = await caller.happens("leg.audio_resumed", leg_id=alarm.data["leg_id"])
        assert 3.0 <= resumed.data["seconds"] <= 5.0
        await feed.until("alert.cleared", alert_id=alert["alert_id"])
        caller.call.hang_up()
        await at_li.ended()
        assert await caller.over() == ("handled", "caller-hung-up")

    [shown] = (await hotline.chief.when("/api/v1/alerts", _all_are_over))["items"]
    assert (shown["kind"], shown["contact_id"]) == ("one_way_audio", caller.contact_id)
    assert (shown["agent_id"], shown["queue"]) == ("li", "desk")
    leg_id = alarm.data["leg_id"]
    assert shown["one_way_audio"] == {"leg_id": leg_id, "party": "customer"}
    history = await hotline.history(caller.contact_id)
    quality = {leg["role"]: leg["quality"] for leg in history["legs"]}
    assert quality["caller"]["silences"] == 1
    assert quality["caller"]["silent_seconds"] == pytest.approx(resumed.data["seconds"], abs=0.1)
    assert quality["caller"]["packets_lost"] > 100  # the numbers went on, the packets did not come
    assert quality["caller"]["burst_ms"] > 2000
    assert quality["caller"]["mos"] < 3.5
    assert quality["agent"]["silences"] == 0
    assert quality["agent"]["mos"] > 4.0
    figures = await hotline.figures()
    assert figures["hotline_audio_one_way_total"] == 1
    assert figures["hotline_audio_mos_count"] == 2
    assert figures["hotline_audio_timeouts_total"] == 0


def _all_are_over(alerts: dict[str, Any]) -> bool:
    return bool(alerts["items"]) and all(one["cleared_at"] for one in alerts["items"])


async def test_a_call_whose_caller_is_never_heard_again_ends_for_that_reason(
    hotline: Centre,
) -> None:
    loop = asyncio.get_running_loop()
    async with hotline.on_duty("li"):
        caller, at_li = await with_li(hotline)
        caller.call.lose_audio()
        began = loop.time()
        end = await caller.happens("call.ended", within=RTP_TIMEOUT + 2)
        await at_li.ended()

        assert end.data["reason"] == "rtp-timeout"
        assert RTP_TIMEOUT - 0.2 <= end.heard_at - began <= RTP_TIMEOUT + 1
    history = await hotline.history(caller.contact_id)
    assert [leg["reason"] for leg in history["legs"] if leg["role"] == "caller"] == ["rtp-timeout"]
    assert (await hotline.figures())["hotline_audio_timeouts_total"] == 1


async def test_a_phone_that_holds_is_silent_by_right(hotline: Centre) -> None:
    """Held while the alarm was on, as most phones hold: "sendonly", and then they send nothing."""
    async with hotline.on_duty("li"):
        caller, _ = await with_li(hotline)
        caller.call.lose_audio()
        await caller.happens("leg.one_way_audio")
        await caller.call.hold("sendonly")
        await passed(caller.call, RTP_TIMEOUT)
        caller.call.hang_up()
        await caller.over()
