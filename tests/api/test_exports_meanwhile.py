"""Exports on their way while recordings are erased or become smaller: all, or broken off."""

import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import aiohttp
import numpy as np
import pytest

from cti_server.edited_sound import EditedSounds
from cti_server.recording_zip import RecordingZip
from cti_server.store.recordings import Recording
from cti_server.wire.events import RecordingReencoded
from recording.laws import Codec, in_law
from recording.opus import encoded
from recording.stereo import wav_header
from tests.audio import stereo

from .asking import Asking, asking, told
from .conftest import Centre
from .test_opus_recordings import RATE, SECONDS, frames
from .test_recording_exports import PATH as EXPORTS
from .test_recording_exports import confirmed, keep
from .test_recording_merges import PATH, erased, merged, stretch
from .test_rest import log_all

SAMPLES = SECONDS * RATE
CODES = in_law(frames(2), "PCMU").tobytes()
WAV = wav_header("PCMU", SAMPLES) + CODES
SMALL = b"".join(encoded([frames(2)], 2, serial=7))


async def made_smaller(centre: Centre, recording_id: str) -> None:
    """It is Opus from now on, and the file of before is no more."""
    old, file = f"{recording_id}.sealed", f"{recording_id}.opus.sealed"
    kept = await centre.archive.put(recording_id, file, SMALL)
    event = RecordingReencoded(
        recording_id=recording_id,
        replaced=old,
        file=file,
        size=kept.size,
        sha256=kept.sha256,
        codec="OPUS",
        stores=("local",),
    )
    await log_all(centre, [event])
    for store in centre.archive.stores:
        store.delete(old)


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


async def redact(centre: Centre, recording_id: str, from_ms: int, to_ms: int) -> None:
    edit = {"kind": "redact", "from_ms": from_ms, "to_ms": to_ms, "reason": "a card number"}
    said = {"version": 0, "edits": [edit]}
    path = f"recordings/{recording_id}/edits"
    assert (await asking(centre, "zhao")("PUT", path, said)).status == 200


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


@pytest.mark.parametrize(("law", "hush"), [("PCMU", 0), ("PCMA", 0), ("PCMU", 200)])
async def test_a_merge_of_which_a_recording_becomes_smaller_meanwhile_is_whole(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, law: Codec, hush: int
) -> None:
    await keep(centre, "one", WAV, duration=float(SECONDS))
    codes = in_law(frames(2), law).tobytes()
    there = {"codec": law, "duration": float(SECONDS)}
    await keep(centre, "two", wav_header(law, SAMPLES) + codes, **there)
    if hush:  # what comes first is read from nowhere
        await redact(centre, "two", 500, 500 + hush)
    merge_id = (await merged(centre, stretch("one"), stretch("two", 500))).body["id"]
    zhao = await confirmed(centre, "zhao")
    before(monkeypatch, "two", lambda: made_smaller(centre, "two"))

    whole = await taken(centre, zhao, merge_id)

    left = (SECONDS * 1000 - 500) * RATE // 1000
    assert len(whole) == 58 + 2 * (SAMPLES + left)
    assert whole[58 : 58 + 2 * SAMPLES] == CODES
    sent, expected = (stereo(each)[0][-left:].astype(float) for each in (whole, WAV))
    expected[: hush * RATE // 1000] = 0
    assert not sent[: hush * RATE // 1000].any()
    assert np.corrcoef(sent, expected)[0, 1] > 0.99
    assert np.square(sent).mean() == pytest.approx(np.square(expected).mean(), rel=0.1)
    [export] = (await zhao("GET", "recording-exports")).body["items"]
    assert (export["state"], export["recordings"]) == ("done", 2)


@pytest.mark.parametrize("edited", [False, True])
async def test_what_becomes_smaller_while_others_are_sent_is_in_the_file_as_it_is_by_then(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, edited: bool
) -> None:
    await keep(centre, "one", WAV, duration=float(SECONDS))
    if edited:
        await redact(centre, "one", 400, 800)
    zhao = await confirmed(centre, "zhao")
    pieces = RecordingZip.pieces

    async def later(it: RecordingZip, batches: Any, now: datetime) -> AsyncIterator[bytes]:
        async def and_then() -> AsyncIterator[Sequence[Recording]]:
            async for batch in batches:
                await made_smaller(centre, "one")
                yield batch

        async for piece in pieces(it, and_then(), now):
            yield piece

    monkeypatch.setattr(RecordingZip, "pieces", later)
    answer = await centre.client.post(
        f"/api/v1/{EXPORTS}",
        json={"format": "zip", "search": {}},
        headers={"Authorization": f"Bearer {zhao.token}"},
    )

    with zipfile.ZipFile(io.BytesIO(await answer.read())) as exported:
        [one] = json.loads(exported.read("manifest.json"))
        assert "missing" not in one
        sound = exported.read(one["file"])
    assert one["sha256"] == hashlib.sha256(sound).hexdigest()
    assert (one["stored_sha256"], one["size"]) == (hashlib.sha256(SMALL).hexdigest(), len(SMALL))
    assert one["chain"]["action"] == "reencoded"
    if edited:
        assert (one["file"][-4:], len(sound), one["edits"]) == (".wav", len(WAV), 1)
    else:
        assert (one["file"][-5:], sound) == (".opus", SMALL)
    [export] = (await zhao("GET", EXPORTS)).body["items"]
    assert (export["state"], export["recordings"]) == ("done", 1)
