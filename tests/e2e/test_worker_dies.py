"""A media worker dies: its calls end with a clear cause, and who waited is called back."""

import os
import signal
from pathlib import Path

import aiohttp

from simulator.audio import tone

from .centre import LI, centre


async def test_callers_of_a_dead_worker_are_hung_up_and_those_who_waited_are_on_the_list(
    tmp_path: Path,
) -> None:
    def about_the_worker(line: object) -> bool:
        return "media.worker" in str(line) or "recording" in str(line)

    async with centre(tmp_path, LI, allowed=about_the_worker) as it:
        await it.agents["li"].desk.set_state("ready")
        talking = it.caller(number="13800000001")
        first = await talking.dial("2001")
        theirs = await it.agents["li"].rung()
        theirs.say(tone(900))
        await first.hears(900)
        waiting = it.caller(number="13800000002")
        second = await waiting.dial("2001")
        queued = await waiting.queued()
        withheld = it.caller(number="anonymous")
        await withheld.dial("2001")
        await withheld.queued()

        [worker] = it.worker_pids
        os.kill(worker, signal.SIGKILL)

        for call in (first, second, theirs):
            assert (await call.ended()).by == "them"
        assert await talking.over() == ("handled", "media-lost")
        assert await waiting.over() == ("failed", "media-lost")
        await it.book.when("call_back.wanted", contact_id=waiting.contact_id)
        listed = await it.chief.when("/api/v1/call-backs", lambda found: found != [])
        figures = await it.figures()
        async with aiohttp.ClientSession(
            it.server.api, headers={"Authorization": f"Bearer {it.chief.token}"}
        ) as session:
            path = f"/api/v1/call-backs/{waiting.contact_id}"
            removed = [(await session.delete(path)).status for _ in range(2)]
        await it.book.when("call_back.closed", contact_id=waiting.contact_id, outcome="removed")
        await it.chief.when("/api/v1/call-backs", lambda found: found == [])

        assert [(each["number"], each["queue"], each["reason"]) for each in listed] == [
            ("13800000002", "quick", "media-lost")
        ]
        assert listed[0]["queued_at"] == queued.data["queued_at"]
        assert removed == [204, 404]
        assert figures["hotline_calls_lost_total"] == 3
        assert figures["hotline_calls_call_backs_offered_total"] == 1
        assert figures["hotline_media_workers_died_total"] == 1

        # The next call is served by a new worker.
        await it.agents["li"].is_in("ready")
        again = it.caller()
        call = await again.dial("2001")
        theirs = await it.agents["li"].rung()
        theirs.say(tone(700))
        await call.hears(700)
