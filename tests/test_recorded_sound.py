"""Sound that is opened out of a store."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from cti_server.recorded_sound import RecordedSounds, SoundUnavailable
from cti_server.store.recordings import Recording
from tests.store.stories import NINE

MANY = 40  # more than there are threads for everybody


class SilentStore:
    name = "far"

    def __init__(self) -> None:
        self.answers = threading.Event()

    def size(self, file: str) -> int | None:
        self.answers.wait(30)
        return None


class OneKey:
    async def of(self, recording_ids: Sequence[str]) -> dict[str, bytes]:
        return dict.fromkeys(recording_ids, bytes(32))


def recording(number: int) -> Recording:
    return Recording(
        id=f"r-{number}",
        call_id="c-1",
        contact_id="k-1",
        interaction_id="",
        agent_id="",
        queue="",
        caller_number="",
        dialled_number="",
        started_at=NINE,
        state="stored",
        size=100,
        file=f"r-{number}.wav.sealed",
        stores=["far"],
    )


async def test_a_store_that_is_silent_keeps_nobody_but_listeners_waiting(tmp_path: Path) -> None:
    store = SilentStore()
    sounds = RecordedSounds(cast(Any, None), cast(Any, OneKey()), [cast(Any, store)], tmp_path)
    listeners = [
        asyncio.create_task(sounds.open(recording(number), 0, 100)) for number in range(MANY)
    ]
    try:
        await asyncio.sleep(0)
        async with asyncio.timeout(30):
            assert await asyncio.to_thread(lambda: "the log is stored")
    finally:
        store.answers.set()
        found = await asyncio.gather(*listeners, return_exceptions=True)

    assert {type(each) for each in found} == {SoundUnavailable}
