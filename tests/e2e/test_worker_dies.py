"""
A media worker of two dies: its calls end with a clear cause, and who waited there is called back.

Whoever is on the other one notices nothing, and goes on to do what can be done to a call.
"""

import asyncio
from pathlib import Path

import aiohttp

from simulator.audio import tone
from simulator.phone_call import PhoneCall

from . import possessions
from .centre import Centre, centre
from .people import Caller, Hire
from .seats import AtPhone, Kind, Seat, Way, seated
from .talking import (
    CUSTOMER_HZ,
    LI_HZ,
    WANG_HZ,
    ZHANG_HZ,
    hears,
    hears_music,
    hears_nothing,
    queue,
    speak,
)

LI, ZHANG = Hire("li", "8026", ("li:5",)), Hire("zhang", "8028", ("zhang:5",))
WANG = Hire("wang", "8027", ("wang:5",), phone="browser")


async def test_callers_of_a_dead_worker_are_hung_up_and_the_others_go_on(tmp_path: Path) -> None:
    async with (
        centre(
            tmp_path,
            *(LI, WANG, ZHANG),
            media={"workers": 2, "ports": [30000, 32999]},
            queues=[queue(name, name) for name in ("li", "wang", "zhang")],
            numbers={
                "2000": {"queue": "li", "language": "en"},
                "2001": {"queue": "wang", "language": "en"},
            },
            allowed=lambda line: "media.worker" in str(line),
        ) as it,
        it.on_duty("li", "wang", "zhang") as (li, wang, zhang),
        seated(wang, Kind.BROWSER, Way.STREAM, WANG_HZ) as seat,
    ):
        for agent, hz in ((li, LI_HZ), (zhang, ZHANG_HZ)):
            agent.on_ring(speak(hz))
        lost = await calling(it, "2000", "13800000001")
        at_li = await li.rung()
        await hears(lost.call, LI_HZ)
        kept = await calling(it, "2001")
        at_wang = await seat.takes(kept.contact_id)
        await hears(kept.call, WANG_HZ)
        waiting = await calling(it, "2000", "13800000002")  # it is the first worker's turn
        waits_on = await calling(it, "2000")
        withheld = await calling(it, "2000", "anonymous")
        dead, survivor = (worker_of(it, one.call) for one in (lost, kept))
        places = [worker_of(it, one.call) for one in (waiting, waits_on, withheld)]
        assert (dead != survivor, places) == (True, [dead, survivor, dead])
        queued = await waiting.queued()
        li.on_ring(speak(LI_HZ))

        possessions.kill(dead)

        for call in (lost.call, waiting.call, withheld.call, at_li):
            assert (await call.ended()).by == "them"
        assert await lost.over() == ("handled", "media-lost")
        assert await waiting.over() == ("failed", "media-lost")
        assert await withheld.over() == ("failed", "media-lost")
        await asyncio.gather(hears(kept.call, WANG_HZ), hears(at_wang, CUSTOMER_HZ))
        await is_listed_until_removed(it, waiting, queued.data["queued_at"])
        figures = await it.figures()
        assert figures["hotline_calls_lost_total"] == 3
        assert figures["hotline_calls_call_backs_offered_total"] == 1
        assert figures["hotline_media_workers_died_total"] == 1

        at_li = await li.rung()
        await asyncio.gather(hears(waits_on.call, LI_HZ), hears(at_li, CUSTOMER_HZ))
        waits_on.leave()
        await waits_on.over()
        await holds_and_asks_around(kept, seat, at_wang, it)
        await it.replaced(dead)
        await the_next_is_served_by_another(it, survivor, seat)


async def calling(it: Centre, number: str, of: str | None = None) -> Caller:
    """A customer whose call has been answered, by a queue."""
    caller = it.caller(number=of)
    call = await caller.dial(number)
    await call.answered()
    await caller.queued()
    call.say(tone(CUSTOMER_HZ))
    return caller


def worker_of(it: Centre, call: PhoneCall) -> int:
    """Where its audio goes."""
    assert call.agreement is not None
    return possessions.worker_at(it.control_pid, call.agreement.port)


async def is_listed_until_removed(it: Centre, waiting: Caller, queued_at: str) -> None:
    """Nobody else is on the list of call-backs; after that nobody is."""
    await it.book.when("call_back.wanted", contact_id=waiting.contact_id)
    page = await it.chief.when("/api/v1/call-backs", lambda found: found["items"] != [])
    [listed] = page["items"]
    async with aiohttp.ClientSession(
        it.server.api, headers={"Authorization": f"Bearer {it.chief.token}"}
    ) as session:
        path = f"/api/v1/call-backs/{waiting.contact_id}"
        removed = [(await session.delete(path)).status for _ in range(2)]
    await it.book.when("call_back.closed", contact_id=waiting.contact_id, outcome="removed")
    await it.chief.when("/api/v1/call-backs", lambda found: found["items"] == [])

    assert (listed["number"], listed["queue"]) == (waiting.number, "li")
    assert (listed["reason"], listed["queued_at"]) == ("media-lost", queued_at)
    assert removed == [204, 404]


async def holds_and_asks_around(caller: Caller, seat: Seat, mine: AtPhone, it: Centre) -> None:
    """The verbs of the call that goes on: new legs come to its worker, too."""
    await seat.does(caller.contact_id, "hold")
    await asyncio.gather(hears_music(caller.call), hears_nothing(mine))
    await seat.does(caller.contact_id, "resume")
    await asyncio.gather(hears(caller.call, WANG_HZ), hears(mine, CUSTOMER_HZ))
    await seat.does(caller.contact_id, "digits", digits="7")
    await caller.call.hears_digits("7")
    await seat.does(caller.contact_id, "consult", agent="zhang")
    at_zhang = await it.agents["zhang"].rung()
    await asyncio.gather(hears(mine, ZHANG_HZ), hears(at_zhang, WANG_HZ), hears_music(caller.call))
    await seat.does(caller.contact_id, "conference")
    await asyncio.gather(
        hears(caller.call, WANG_HZ, ZHANG_HZ),
        hears(mine, CUSTOMER_HZ, ZHANG_HZ),
        hears(at_zhang, CUSTOMER_HZ, WANG_HZ),
    )
    assert worker_of(it, at_zhang) == worker_of(it, caller.call)
    await seat.does(caller.contact_id, "release")
    await asyncio.gather(hears(caller.call, ZHANG_HZ), hears(at_zhang, CUSTOMER_HZ))


async def the_next_is_served_by_another(it: Centre, survivor: int, seat: Seat) -> None:
    """The next caller talks on the worker that came in the dead one's place."""
    following = await calling(it, "2001")
    mine = await seat.takes(following.contact_id)
    await asyncio.gather(hears(following.call, WANG_HZ), hears(mine, CUSTOMER_HZ))
    assert worker_of(it, following.call) != survivor
