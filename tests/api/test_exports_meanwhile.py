"""Exports on their way while recordings are erased: nobody takes a part for the whole."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from cti_server.edited_sound import EditedSounds
from cti_server.store.recordings import Recording
from recording.laws import in_law
from recording.opus import encoded
from recording.stereo import wav_header

from .asking import Asking, told
from .conftest import Centre
from .test_opus_recordings import RATE, SECONDS, frames
from .test_recording_exports import confirmed, keep
from .test_recording_merges import PATH, erased, merged, stretch

SAMPLES = SECONDS * RATE
CODES = in_law(frames(2), "PCMU").tobytes()
WAV = wav_header("PCMU", SAMPLES) + CODES
SMALL = b"".join(encoded([frames(2)], 2, serial=7))


def before(
    monkeypatch: pytest.MonkeyPatch, recording_id: str, work: Callable[[], Awaitable[None]]
) -> None:
    """That is done just before this recording's sound is read for the first time."""
    read, left = EditedSounds.read, [work]

    async def later(it: EditedSounds, recording: Recording, *asked: Any) -> AsyncIterator[bytes]:
        if recording.id == recording_id and left:
            await left.pop()()
        async for block in read(it, recording, *asked):
            yield block

    monkeypatch.setattr(EditedSounds, "read", later)


async def taken(centre: Centre, who: Asking, merge_id: str) -> bytes:
    headers = {"Authorization": f"Bearer {who.token}"}
    answer = await centre.client.post(f"/api/v1/{PATH}/{merge_id}/exports", headers=headers)
    assert answer.status == 200
    return await answer.read()


@pytest.mark.parametrize(("sound", "codec"), [(WAV, "PCMU"), (SMALL, "OPUS")])
async def test_a_merge_of_which_a_recording_is_erased_meanwhile_is_broken_off(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, sound: bytes, codec: str
) -> None:
    await keep(centre, "one", WAV, duration=float(SECONDS))
    await keep(centre, "two", sound, codec=codec, duration=float(SECONDS))
    merge_id = (await merged(centre, stretch("one"), stretch("two"))).body["id"]
    zhao = await confirmed(centre, "zhao")
    before(monkeypatch, "two", lambda: erased(centre, "two"))

    with pytest.raises(aiohttp.ClientError):
        await taken(centre, zhao, merge_id)

    [export] = (await zhao("GET", "recording-exports")).body["items"]
    assert (export["state"], export["recordings"]) == ("broken_off", 0)
    trail = await told(centre, actor="zhao")
    assert [each for each in trail if each[1:3] == ("exported", "recording")] == []
