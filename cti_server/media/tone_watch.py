"""Listens for keys in the audio of those legs that have no better way to say them."""

from collections.abc import Callable

from .digits import Pressed
from .g711 import is_law, law
from .inband_digits import Arrived, InbandDetector, receive_all
from .key_walk import Heard
from .leg import Leg
from .protocol import SetRemote

OnTone = Callable[[Leg, list[Pressed], bool], None]  # what ended, and whether a key went down


class ToneWatch:
    """
    The legs of a worker that are listened to, all at once in a tick (:mod:`.inband_digits`).

    These are the ones whose other side knows no telephone-event, which comes first, and those where
    it was asked for; in G.711: other codecs do not keep tones as they were. What was heard of a key
    is struck from the leg's captures: they hold back more than the detector needs to be sure.
    """

    def __init__(self, on_tone: OnTone) -> None:
        self._on_tone = on_tone
        self._legs: dict[InbandDetector, Leg] = {}
        self._detectors: dict[Leg, InbandDetector] = {}

    def arrange(self, leg: Leg) -> None:
        """Listen to this leg or not, after its remote side was told anew."""
        remote = leg.remote
        if remote is None or not _to_be_heard(remote):
            self.forget(leg)
            return
        codec = law(remote.codec)
        if (detector := self._detectors.get(leg)) is None:
            detector = self._detectors[leg] = InbandDetector(codec)
            self._legs[detector] = leg
            leg.incoming.overhear(True)
        detector.speaks(codec)

    def forget(self, leg: Leg) -> None:
        if (detector := self._detectors.pop(leg, None)) is not None:
            del self._legs[detector]
            leg.incoming.overhear(False)

    def tick(self, now: float) -> None:
        """What came in the last 20 ms. Before the mixing's tick, which takes what it is given."""
        packets: list[Arrived] = []
        for detector, leg in self._legs.items():
            speech = leg.remote.payload_type if leg.remote is not None else None
            for arrival in leg.incoming.overheard():
                if arrival is None:
                    packets.append((detector, None, 0))
                elif arrival[0] == speech:
                    packets.append((detector, arrival[3], arrival[2]))
        heard = receive_all(packets, now) if packets else {}
        for detector, found in heard.items():
            if detector.following is not None:
                began = (detector.following - found.sounded) & 0xFFFFFFFF
                self._legs[detector].incoming.strike(began, found.sounded)
        for detector, leg in list(self._legs.items()):
            if detector.down and (ended := detector.handle_timer(now)):
                heard.setdefault(detector, Heard([])).pressed += ended
            if (one := heard.get(detector)) is not None and (one.pressed or one.went_down):
                self._on_tone(leg, one.pressed, one.went_down)


def _to_be_heard(remote: SetRemote) -> bool:
    says_events = remote.dtmf_payload_type is not None or remote.dtmf_received_as is not None
    return is_law(remote.codec) and (remote.tones or not says_events)
