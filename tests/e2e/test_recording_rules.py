"""Which conversations are recorded, and what agents and supervisors do to their recordings."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio

from tests.audio import seconds_of, stereo

from .centre import Centre
from .people import Caller, passed
from .recorded import leaves, recording_of, started
from .sounds import likeness, said_in, spoken
from .talking import CUSTOMER_HZ, LI_HZ, does, hears, length, queue, talking_centre, tries, with_li

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("nothing_left")]

TOLD = "This call may be recorded."
ALWAYS, ON_DEMAND, NEVER, BY_QUEUE = "2001", "2002", "2003", "2004"
MASK_LIMIT = 12.0
"""Seconds; more than it takes to have a few words read to the customer."""
RULES = [
    {"name": "secret-line", "record": "never", "dialled": [NEVER]},
    {"name": "asked", "record": "on_demand", "queues": ["asked"], "announce": {"en": TOLD}},
    {"name": "complaints", "record": "always", "dialled": [ALWAYS], "announce": {"en": TOLD}},
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    changes: dict[str, Any] = {
        "queues": [
            queue("desk", "desk", record=False),
            queue("asked", "desk", record=False),
            queue("kept", "desk", record=True),
        ],
        "numbers": {
            "2000": {"queue": "desk", "language": "en"},
            ALWAYS: {"queue": "desk", "language": "en"},
            ON_DEMAND: {"queue": "asked", "language": "en"},
            NEVER: {"queue": "kept", "language": "en"},
            BY_QUEUE: {"queue": "kept", "language": "en"},
        },
        "recording": {"rules": RULES, "mask_limit": MASK_LIMIT},
    }
    async with talking_centre(tmp_path_factory.mktemp("rules"), **changes) as it:
        yield it


async def test_the_first_rule_that_fits_decides_and_the_customer_is_told_before(
    hotline: Centre,
) -> None:
    async with hotline.on_duty("li"):
        for number, mode, rule in (
            ("2000", "never", "queue"),
            (ALWAYS, "always", "complaints"),
            (NEVER, "never", "secret-line"),
            (BY_QUEUE, "always", "queue"),
        ):
            caller, li, _ = await with_li(hotline, number)
            view = await li.desk.get(f"/api/v1/contacts/{caller.contact_id}/call")
            assert view["recording"] == ("on" if mode == "always" else "off"), number
            if mode == "never":
                refused, problem = await tries(li.desk, caller, "recording")
                assert (refused, problem["type"]) == (409, "NeverRecorded")
                masking, problem = await tries(li.desk, caller, "recording/mask", reason="card")
                assert (masking, problem["type"]) == (409, "NothingRecorded")
            else:
                status, problem = await li.desk.delete(recording_of(caller))
                assert (status, problem["type"]) == (409, "AlwaysRecorded")
            assert said_in(caller.call.heard.everything(), TOLD) == (number == ALWAYS)

            decided, by, recordings = await leaves(hotline, caller)
            assert (decided, by) == (mode, rule)
            assert [one["rule"] for one in recordings] == [rule] * (mode == "always")


async def test_on_demand_it_begins_and_ends_when_agent_or_supervisor_says_so(
    hotline: Centre,
) -> None:
    async with hotline.on_duty("li"):
        caller, li, _ = await with_li(hotline, ON_DEMAND)
        assert not started(hotline, caller)
        status, problem = await li.desk.delete(recording_of(caller))
        assert (status, problem["type"]) == (409, "NothingRecorded")
        assert not told_over_the_talk(caller)

        await does(li.desk, caller, "recording")
        await does(li.desk, caller, "recording")  # again is harmless
        await caller.happens("recording.started", rule="asked", asked_by="li")
        assert told_over_the_talk(caller)
        await passed(caller.call, 0.6)
        status, view = await li.desk.delete(recording_of(caller))
        assert (status, view["recording"]) == (200, "off")
        stopped = asyncio.get_running_loop().time()
        await passed(caller.call, 0.6)  # of which nothing is kept

        status, view = await hotline.chief.post(f"{recording_of(caller)}?agent_id=li")
        assert status == 200, view
        again = await caller.happens("recording.started", asked_by=hotline.chief.agent_id)
        await passed(caller.call, 0.6)
        mode, rule, recordings = await leaves(hotline, caller)

    assert (mode, rule) == ("on_demand", "asked")
    assert [one["asked_by"] for one in recordings] == ["li", hotline.chief.agent_id]
    [segment] = (await hotline.history(caller.contact_id))["segments"]
    recorded = sum(one["duration"] for one in recordings)
    assert recorded < length(segment) - (again.heard_at - stopped) + 0.3
    for one in recordings:
        customer, agent = stereo(await hotline.chief.get_bytes(one["audio"]))
        assert seconds_of(customer, CUSTOMER_HZ) == pytest.approx(one["duration"], abs=0.2)
        assert seconds_of(agent, LI_HZ) == pytest.approx(one["duration"], abs=0.2)


async def test_what_is_masked_is_silence_in_the_recording_and_its_time_goes_on(
    hotline: Centre,
) -> None:
    """By the agent until the agent says so; by a supervisor until the limit."""
    async with hotline.on_duty("li"):
        caller, li, at_li = await with_li(hotline, BY_QUEUE)
        status, problem = await li.desk.delete(f"{recording_of(caller)}/mask")
        assert (status, problem["type"]) == (409, "NotMasked")
        view = await does(li.desk, caller, "recording/mask", reason="card_number")
        assert view["recording"] == "masked"
        await asyncio.gather(hears(caller.call, LI_HZ), hears(at_li, CUSTOMER_HZ))  # they go on
        await does(li.desk, caller, "read-out", text="Seven, one, two.")
        await caller.happens("read_out.ended", outcome="finished")
        status, view = await li.desk.delete(f"{recording_of(caller)}/mask")
        assert (status, view["recording"]) == (200, "on")
        await passed(caller.call, 1.0)
        path = f"{recording_of(caller)}/mask?agent_id=li"
        status, _ = await hotline.chief.post(path, reason="address")
        assert status == 200
        await caller.happens("recording.unmasked", ended_by="limit")
        await passed(caller.call, 0.5)
        await does(li.desk, caller, "recording/mask", reason="pin")  # the call ends in it
        await passed(caller.call, 0.5)
        _, _, [recording] = await leaves(hotline, caller)

    spans = await hotline.chief.get(f"/api/v1/recordings/{recording['id']}/masks")
    chief = hotline.chief.agent_id
    assert [(one["asked_by"], one["reason"], one["ended_by"]) for one in spans] == [
        ("li", "card_number", "asked"),
        (chief, "address", "limit"),
        ("li", "pin", "call_ended"),
    ]
    masked = [one["ends"] - one["begins"] for one in spans]
    assert masked[1] == pytest.approx(MASK_LIMIT, abs=0.5)
    for channel, hz in zip(
        stereo(await hotline.chief.get_bytes(recording["audio"])), (CUSTOMER_HZ, LI_HZ), strict=True
    ):
        assert len(channel) / 8000 == pytest.approx(recording["duration"], abs=0.01)
        for one in spans:
            assert not channel[within(one["begins"], one["ends"])].any(), one
        for before, after in pairwise(spans):
            between = channel[within(before["ends"], after["begins"])]
            assert seconds_of(between, hz) == pytest.approx(len(between) / 8000, abs=0.2)


def told_over_the_talk(caller: Caller) -> bool:
    """Beside the agent's tone, which goes on."""
    notice = spoken(TOLD)
    assert notice is not None
    return likeness(caller.call.heard.everything(), notice) > 0.3


def within(begins: float, ends: float) -> slice:
    """The samples between these seconds, without the way from the verb to the worker."""
    return slice(int((begins + 0.15) * 8000), int((ends - 0.15) * 8000))
