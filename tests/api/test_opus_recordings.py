"""
A recording in Ogg Opus over REST: in ranges, decoded for players that do not know it, drawn;
edited, clipped and exported as any other.
"""

import hashlib
import io
import json
import math
import zipfile
from typing import Any

import av
import msgspec
import numpy as np
import pytest

from cti_server.wire.events import RecordingReencoded, RecordingStored
from recording.laws import SILENCE, in_law
from recording.opus import encoded
from recording.stereo import wav_header
from tests.audio import Samples, mono, seconds_of, stereo

from .asking import asking
from .conftest import Centre
from .test_recording_exports import confirmed, taken
from .test_rest import CALL, log_all

AUDIO = "/api/v1/recordings/r1/audio"
FILE = "2026/11/21/r1.opus.sealed"
RATE, SECONDS, HZ = 8000, 3, 440
CARD = {"kind": "redact", "from_ms": 400, "to_ms": 800, "reason": "a card number"}
CHAT = {"kind": "cut", "from_ms": 1000, "to_ms": 1500, "reason": "small talk"}
LEFT = SECONDS - 0.5


def frames(channels: int) -> Any:
    """The customer's tone, for the first two seconds, and an agent who is silent."""
    made = np.zeros((SECONDS * RATE, channels), np.int16)
    made[: 2 * RATE, 0] = 9000 * np.sin(2 * np.pi * HZ * np.arange(2 * RATE) / RATE)
    return made


async def store(centre: Centre, name: str, made: bytes, **row: Any) -> bytes:
    kept = await centre.archive.put("r1", name, made)
    stored = CALL[-1]
    assert isinstance(stored, RecordingStored)
    there = {"file": name, "size": kept.size, "sha256": kept.sha256, "stores": ("local",)}
    stored = msgspec.structs.replace(stored, duration=float(SECONDS), **there, **row)
    await log_all(centre, [*CALL[:-1], stored])
    return made


@pytest.fixture
async def file(centre: Centre) -> bytes:
    return await store(centre, FILE, b"".join(encoded([frames(2)], 2, serial=7)), codec="OPUS")


async def asked(
    centre: Centre, path: str = AUDIO, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    who = await centre.headers("qian")
    answer = await centre.client.get(path, headers={**who, **headers})
    return answer.status, dict(answer.headers), await answer.read()


async def test_its_ranges_are_those_of_the_file_that_was_stored(
    centre: Centre, file: bytes
) -> None:
    status, headers, whole = await asked(centre)
    assert (status, whole) == (200, file)
    assert (headers["Content-Type"], headers["Accept-Ranges"]) == ("audio/ogg", "bytes")
    assert 'filename="r1.opus"' in headers["Content-Disposition"]

    middle, end = len(file) // 2, len(file) - 1
    for wanted, start, last in (
        ("bytes=0-3", 0, 3),
        (f"bytes={middle}-{middle + 99}", middle, middle + 99),
        (f"bytes={middle}-", middle, end),
        ("bytes=-50", end - 49, end),
    ):
        status, headers, piece = await asked(centre, Range=wanted)
        assert (status, piece) == (206, file[start : last + 1])
        assert headers["Content-Range"] == f"bytes {start}-{last}/{len(file)}"
    status, headers, _ = await asked(centre, Range=f"bytes={len(file)}-")
    assert (status, headers["Content-Range"]) == (416, f"bytes */{len(file)}")


async def test_for_a_player_that_does_not_know_it_it_is_wav(centre: Centre, file: bytes) -> None:
    status, headers, wav = await asked(centre, f"{AUDIO}?format=wav", Range="bytes=0-3")

    assert (status, headers["Content-Type"]) == (200, "audio/wav")  # whole: it has no ranges
    assert "Accept-Ranges" not in headers
    with av.open(io.BytesIO(wav), "r") as container:
        sound = np.concatenate([each.to_ndarray() for each in container.decode(audio=0)], axis=1)
    left, right = sound.reshape(-1, 2).T.astype(np.float64)
    assert len(left) == SECONDS * RATE
    assert seconds_of(left, HZ) == pytest.approx(2.0, abs=0.21)
    assert np.abs(right).max() < 10


async def test_no_other_format_is_given(centre: Centre, file: bytes) -> None:
    status, _, body = await asked(centre, f"{AUDIO}?format=mp3")

    assert status == 422
    assert b"format: must be wav" in body


async def test_it_is_drawn_as_it_is_heard(centre: Centre, file: bytes) -> None:
    status, _, body = await asked(centre, "/api/v1/recordings/r1/peaks?points=3")

    drawn = msgspec.json.decode(body)
    assert (status, drawn["channels"], drawn["sample_rate"]) == (200, 2, RATE)
    points = np.array(drawn["data"]).reshape(-1, 2, 2)  # of each side the least and the greatest
    assert len(points) == 3
    assert (points[:2, 0, 1] > 25).all()  # 9000 of 32768, in eight bits
    assert (points[:2, 0, 0] < -25).all()
    assert np.abs(points[:, 1]).max() <= 1


def is_loud(tone: Samples) -> bool:
    return bool(np.sqrt(np.square(tone).mean()) > 9000 / np.sqrt(2) * 0.9)


async def edit(centre: Centre, *edits: dict[str, Any]) -> None:
    answer = await centre.client.put(
        "/api/v1/recordings/r1/edits",
        json={"version": 0, "edits": list(edits)},
        headers=await centre.headers("zhao"),
    )
    assert answer.status == 200, await answer.text()


@pytest.mark.parametrize("layout", ["stereo", "mono"])
async def test_it_is_edited_as_any_other_and_heard_as_wav(centre: Centre, layout: str) -> None:
    channels = 2 if layout == "stereo" else 1
    made = b"".join(encoded([frames(channels)], channels, serial=7))
    await store(centre, FILE, made, codec="OPUS", layout=layout)
    before = (await asked(centre))[1]["Etag"]

    await edit(centre, CARD, CHAT)

    status, headers, whole = await asked(centre)
    assert (status, headers["Content-Type"]) == (200, "audio/wav")
    assert 'filename="r1.wav"' in headers["Content-Disposition"]
    customer = stereo(whole)[0] if channels == 2 else mono(whole)
    assert len(customer) == LEFT * RATE
    assert not customer[round(0.4 * RATE) : round(0.8 * RATE)].any()
    for begins, ends in ((0.1, 0.4), (0.8, 1.5)):
        assert is_loud(customer[round(begins * RATE) : round(ends * RATE)])
    end = len(whole)
    for wanted, start, after in (
        ("bytes=0-3", 0, 4),
        (f"bytes=50-{end // 2}", 50, end // 2 + 1),
        (f"bytes={end // 3}-", end // 3, end),
        ("bytes=-9", end - 9, end),
    ):
        status, headers, piece = await asked(centre, Range=wanted)
        assert (status, piece) == (206, whole[start:after])
        assert headers["Etag"] != before
    assert (await asked(centre, f"{AUDIO}?format=wav"))[2] == whole
    assert (await asked(centre, f"{AUDIO}?original=true"))[2] == made
    assert await centre.parts.edited_sounds.of_file(FILE) == whole  # as mails have it


async def test_clips_and_peaks_are_of_what_is_heard(centre: Centre, file: bytes) -> None:
    clip = "/api/v1/recordings/r1/clip"
    _, _, before = await asked(centre, f"{clip}?from_ms=500&to_ms=700")
    assert is_loud(stereo(before)[0])
    await edit(centre, CARD, CHAT)
    whole = (await asked(centre))[2]

    status, _, part = await asked(centre, f"{clip}?from_ms=300&to_ms=1200")
    assert (status, part[58:]) == (200, whole[58 + 2 * 2400 : 58 + 2 * 9600])
    assert (await asked(centre, f"{clip}?from_ms=500&to_ms=700&original=true"))[2] == before
    _, _, drawn = await asked(centre, "/api/v1/recordings/r1/peaks?points=60")
    told = msgspec.json.decode(drawn)
    greatest = np.array(told["data"]).reshape(-1, 2, 2)[:, 0, 1]
    a_second = RATE / told["samples_per_pixel"]
    assert greatest[math.ceil(0.4 * a_second) : int(0.8 * a_second)].max() == 0
    for seconds in (0.2, 0.9, 1.2):
        assert greatest[int(seconds * a_second)] > 25


@pytest.mark.parametrize("edited", [False, True])
async def test_it_is_exported_as_it_is_heard(centre: Centre, file: bytes, edited: bool) -> None:
    if edited:
        await edit(centre, CARD, CHAT)
    whole = (await asked(centre))[2]

    status, body = await taken(centre, await confirmed(centre, "zhao"))

    assert status == 200
    with zipfile.ZipFile(io.BytesIO(body)) as exported:
        [told] = json.loads(exported.read("manifest.json"))
        assert exported.read(told["file"]) == whole
    assert told["file"].endswith("/r1.wav" if edited else "/r1.opus")
    assert told["sha256"] == hashlib.sha256(whole).hexdigest()
    assert told["stored_sha256"] == hashlib.sha256(file).hexdigest()


async def test_what_was_edited_before_it_was_encoded_anew_is_heard_so_still(
    centre: Centre,
) -> None:
    """Edits are moments of the sound, which is as long as it was."""
    codes = in_law(frames(2), "PCMU").tobytes()
    name = "2026/11/21/r1.wav.sealed"
    await store(centre, name, wav_header("PCMU", SECONDS * RATE) + codes)
    await edit(centre, CARD, CHAT)
    before = (await asked(centre))[2]
    made = b"".join(encoded([frames(2)], 2, serial=7))
    kept = await centre.archive.put("r1", FILE, made)
    smaller = RecordingReencoded(
        recording_id="r1",
        replaced=name,
        file=FILE,
        size=kept.size,
        sha256=kept.sha256,
        codec="OPUS",
        stores=("local",),
    )
    await log_all(centre, [smaller])

    after = (await asked(centre))[2]

    assert len(after) == len(before)
    redacted = slice(58 + 2 * round(0.4 * RATE), 58 + 2 * round(0.8 * RATE))
    assert after[redacted] == before[redacted] == bytes([SILENCE["PCMU"]]) * 6400
    one, other = stereo(before)[0], stereo(after)[0]
    assert np.corrcoef(one, other)[0, 1] > 0.99


async def test_it_is_merged_with_others_as_it_is_heard(centre: Centre, file: bytes) -> None:
    clip = (await asked(centre, "/api/v1/recordings/r1/clip"))[2][58:]
    parts = [
        {"recording_id": "r1", "from_ms": 1000, "to_ms": 2500},
        {"recording_id": "r1", "from_ms": 0, "to_ms": 500},
    ]
    wanted = {"name": "The other way round", "parts": parts}
    made = await asking(centre, "zhao")("POST", "recording-merges", wanted)
    assert made.status == 201, made.body

    status, _, merged = await asked(centre, f"/api/v1/recording-merges/{made.body['id']}/audio")

    assert (status, merged[58:]) == (200, clip[16_000:40_000] + clip[:8_000])
