"""What is laid over one side of a recording."""

from pathlib import Path

import numpy as np

from cti_server.media.capture import Capture
from cti_server.media.g711 import SILENCE, decode, encode
from cti_server.media.overlay import SLACK, Overlay
from cti_server.media.rtp import TICK_SAMPLES

LOUD = np.full(TICK_SAMPLES, 4000, np.int16)
QUIET = bytes([SILENCE["PCMU"]])


def heard(piece: bytes) -> list[int]:
    return [int(sample) for sample in decode(piece, "PCMU")]


def test_frames_follow_one_another_whatever_the_clock_says_and_cross_the_pieces() -> None:
    overlay = Overlay()
    overlay.put(LOUD, 1000)
    overlay.put(LOUD, 1000 + TICK_SAMPLES + SLACK // 2)  # a late tick leaves no gap

    first = heard(overlay.over(QUIET * 1100, 0, "PCMU"))
    rest = heard(overlay.over(QUIET * 1000, 1100, "PCMU"))

    loud = [at for at, sample in enumerate(first + rest) if sample > 3000]
    assert loud == list(range(1000, 1000 + 2 * TICK_SAMPLES))


def test_it_is_heard_with_what_is_said_at_the_same_time_and_never_wraps() -> None:
    overlay = Overlay()
    overlay.put(LOUD, 0)
    overlay.put(np.full(TICK_SAMPLES, 32000, np.int16), TICK_SAMPLES)
    speech = encode(np.full(2 * TICK_SAMPLES, 8000, np.int16), "PCMU")

    mixed = heard(overlay.over(speech, 0, "PCMU"))

    assert all(11_000 < sample < 13_000 for sample in mixed[:TICK_SAMPLES])
    assert min(mixed[TICK_SAMPLES:]) > 30_000


def test_what_comes_after_a_pause_has_its_own_place_and_what_is_too_late_none() -> None:
    overlay = Overlay()
    overlay.put(LOUD, 0)
    overlay.put(LOUD, 4000)

    assert max(heard(overlay.over(QUIET * 1000, 1000, "PCMU"))) == 0
    assert max(heard(overlay.over(QUIET * 1000, 4000, "PCMU"))) > 3000


def test_who_calls_is_told_on_the_agents_side_of_a_recording(tmp_path: Path) -> None:
    capture = Capture("one", tmp_path, ["PCMU", "PCMU"], 0, now=0.0)
    caller, agent = capture.channels

    assert (caller.other, agent.other) == (agent, None)
    agent.lay_over(LOUD, 1.0)
    callers, agents = capture.last_pieces(2.0)

    assert max(heard(callers)) == 0
    assert [at for at, sample in enumerate(heard(agents)) if sample > 3000] == list(
        range(8000, 8000 + TICK_SAMPLES)
    )
