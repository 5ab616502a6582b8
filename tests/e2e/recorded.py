"""What became of a call's recordings, and what is heard on them."""

import hashlib
import io
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from tests.running_server import Desktop

from .book import Seen
from .centre import Centre
from .people import Caller

PIECE = 0.2  # seconds that are looked at
AS_LOUD_AS = 0.05  # of full scale
LASTING = 3  # pieces; what is shorter may be chance


async def leaves(hotline: Centre, caller: Caller) -> tuple[str, str, list[dict[str, Any]]]:
    """What became of it by which rule, and the recordings."""
    caller.call.hang_up()
    await caller.over()
    begun = started(hotline, caller)
    for one in begun:
        await caller.happens("recording.stored", recording_id=one.data["recording_id"])
    history = await hotline.history(caller.contact_id)
    [interaction] = history["interactions"]
    recordings = sorted(history["recordings"], key=lambda one: one["started_at"])
    assert [one["id"] for one in recordings] == [one.data["recording_id"] for one in begun]
    return interaction["recording"], interaction["recording_rule"], recordings


def started(hotline: Centre, caller: Caller) -> list[Seen]:
    """The beginnings of this call's recordings."""
    return [
        seen
        for seen in hotline.book.seen
        if seen.event == "recording.started" and seen.data["contact_id"] == caller.contact_id
    ]


def recording_of(caller: Caller) -> str:
    return f"/api/v1/contacts/{caller.contact_id}/recording"


async def tones_in(
    desk: Desktop, recording: dict[str, Any], among: Iterable[int]
) -> list[set[int]]:
    """
    Which of these tones are heard on each channel, the file as it is stored and for any player.

    Each file is what the record says.
    """
    stored = await desk.get_bytes(recording["audio"])
    assert hashlib.sha256(stored).hexdigest() == recording["sha256"]
    assert stored[:4] == (b"OggS" if recording["codec"] == "OPUS" else b"RIFF")
    decoded = await desk.get_bytes(f"{recording['audio']}?format=wav")
    assert decoded[:4] == b"RIFF"
    both = []
    for file in (stored, decoded):
        sound, rate = soundfile.read(io.BytesIO(file), always_2d=True)
        assert abs(len(sound) / rate - recording["duration"]) < 0.001
        assert sound.shape[1] == (1 if recording["layout"] == "mono" else 2)
        both.append([_tones(channel, rate, list(among)) for channel in sound.T])
    assert both[0] == both[1]
    return both[0]


def _tones(channel: NDArray[np.float64], rate: int, among: list[int]) -> set[int]:
    size, found = round(PIECE * rate), Counter[int]()
    window = np.hanning(size)
    for at in range(0, len(channel) - size + 1, size):
        piece = channel[at : at + size] * window
        for hz in among:
            turned = np.exp(-2j * np.pi * hz * np.arange(size) / rate)
            found[hz] += 2 * abs(np.sum(piece * turned)) / np.sum(window) > AS_LOUD_AS
    return {hz for hz in among if found[hz] >= LASTING}
