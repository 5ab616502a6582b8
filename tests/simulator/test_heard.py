"""What a phone heard, when nobody looked for a while."""

import struct
from itertools import islice

from cti_server.media.g711 import encode
from simulator.audio import tone
from simulator.heard import Heard

FRAMES_A_SECOND, FRAME = 50, 160  # of as many samples


class StoodStill:
    """A phone whose first packet was read in time, and all others together afterwards."""

    def __init__(self, *tones: tuple[int, float]) -> None:
        """Each so many Hz for so many seconds, one after the other."""
        self.now = 0.0
        self.heard = Heard(lambda: self.now)
        frames = [
            encode(frame, "PCMU")
            for hz, seconds in tones
            for frame in islice(tone(hz), round(seconds * FRAMES_A_SECOND))
        ]
        for number, frame in enumerate(frames):
            packet = struct.pack("!BBHII", 0x80, 0, number, number * FRAME, 7) + frame
            self.heard.receive(packet, len(packet), ("127.0.0.1", 4000))
            self.now = len(frames) / FRAMES_A_SECOND

    def sounded(self, hz: int, since: float = 0.0) -> bool:
        return self.heard.sounded(hz, since, span=0.3, tolerance=8)


def test_a_short_tone_is_heard_also_by_who_looks_when_the_next_one_sounds() -> None:
    phone = StoodStill((500, 0.5), (700, 0.3), (600, 0.7))

    assert all(phone.sounded(hz) for hz in (500, 700, 600))
    assert not phone.sounded(800)


def test_what_sounded_before_somebody_listened_is_not_heard() -> None:
    phone = StoodStill((500, 0.5), (700, 0.3), (600, 0.7))

    assert phone.sounded(600, since=1.2)
    assert not phone.sounded(700, since=1.2)
    assert not phone.sounded(500, since=1.2)
