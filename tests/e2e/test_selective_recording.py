"""Which conversations are recorded, by each thing that a rule may go by, with real calls."""

import asyncio
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from simulator.audio import tone

from .centre import centre
from .opening import BOSS, hours_are
from .people import passed
from .recorded import leaves, tones_in
from .talking import CUSTOMER_HZ, LI, LI_HZ, WANG, WANG_HZ, queue, speak

pytestmark = pytest.mark.asyncio

VIP, UNLISTED, SOMEBODY = "+8613800138000", "+8613800138009", "+8613900139000"
CUSTOMERS = f"external_id,name,phone,tier\nC1,李娜,{VIP},vip\n".encode()
PLAIN, HOT, WATCHED, TRAINEES, BY_DAY = "2000", "2002", "2003", "2004", "2005"
RULES: list[dict[str, Any]] = [
    {"name": "vips", "record": "always", "tiers": ["vip"]},
    {"name": "abroad", "record": "always", "callers": ["+49"]},
    {"name": "hot", "record": "always", "dialled": [HOT]},
    {"name": "watched", "record": "always", "queues": ["watched"]},
    {"name": "trainees", "record": "always", "agents": ["wang"]},
    {"name": "by-day", "record": "always", "dialled": [BY_DAY], "hours": "hotline"},
]
PLAN: dict[str, Any] = {
    "flows": (),
    "queues": [queue("desk", "desk"), queue("watched", "desk"), queue("second", "second")],
    "numbers": {
        PLAIN: {"queue": "desk", "language": "en"},
        HOT: {"queue": "desk", "language": "en"},
        WATCHED: {"queue": "watched", "language": "en"},
        TRAINEES: {"queue": "second", "language": "en"},
        BY_DAY: {"queue": "desk", "language": "en"},
    },
    "recording": {"rules": RULES, "never": [UNLISTED]},
}


class Case(NamedTuple):
    """Who calls where; and whether it is recorded, by which rule."""

    number: str
    dialled: str
    mode: str
    rule: str
    agent: str = "li"


CASES = (
    Case(SOMEBODY, PLAIN, "never", "queue"),
    Case(VIP, PLAIN, "always", "vips"),
    Case("+4930901820", PLAIN, "always", "abroad"),
    Case(SOMEBODY, HOT, "always", "hot"),
    Case(SOMEBODY, WATCHED, "always", "watched"),
    Case(SOMEBODY, TRAINEES, "always", "trainees", agent="wang"),
    Case(SOMEBODY, BY_DAY, "always", "by-day"),
    Case(UNLISTED, HOT, "never", "never"),
)
AT_NIGHT = Case(SOMEBODY, BY_DAY, "never", "queue")


@pytest.mark.req("RC-03")
async def test_caller_called_queue_agent_tier_and_time_decide_and_a_number_is_never_recorded(
    tmp_path: Path,
) -> None:
    async with centre(tmp_path, LI, WANG, BOSS, customers=CUSTOMERS, **PLAN) as it:
        tones = {"li": LI_HZ, "wang": WANG_HZ}

        async def recorded(case: Case) -> tuple[str, str]:
            """What was decided, by which rule; what is recorded is what was said."""
            agent = it.agents[case.agent]
            agent.on_ring(speak(tones[case.agent]))
            caller = it.caller(number=case.number)
            await caller.dial(case.dialled)
            caller.call.say(tone(CUSTOMER_HZ))
            at_agent = await agent.rung()
            await caller.happens("interaction.started")
            await passed(caller.call, 1.0)
            mode, rule, recordings = await leaves(it, caller)
            await at_agent.ended()
            assert len(recordings) == (mode == "always"), case
            for one in recordings:
                assert one["rule"] == rule
                heard = await tones_in(it.chief, one, (CUSTOMER_HZ, LI_HZ, WANG_HZ))
                assert heard == [{CUSTOMER_HZ}, {tones[case.agent]}], case
            return mode, rule

        async with it.on_duty("li", "wang"):
            found = [await recorded(case) for case in CASES]
            await hours_are(it, week={})  # until now it was open around the clock
            async with asyncio.timeout(30):
                while await recorded(AT_NIGHT) != (AT_NIGHT.mode, AT_NIGHT.rule):
                    pass  # the calendar is read every few seconds

    assert found == [(case.mode, case.rule) for case in CASES]
