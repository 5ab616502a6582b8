"""Hears what callers say in answer to a question, on those legs where somebody waits for it."""

from collections.abc import Callable
from typing import Final

from .capture import Channel
from .end_pointing import EndPointer, Heard
from .g711 import law
from .leg import Leg
from .protocol import Listen
from .rtp import CLOCK_RATE
from .worker_reports import Report, SpeechBegun, SpeechEnded

HELD_BACK: Final = CLOCK_RATE // 25  # for packets that come out of order
WAITED_FOR: Final = CLOCK_RATE // 5  # a phone that sends nothing is silent


class _Ear:
    """Has a leg's audio in order, as a capture has it, but in memory and for one utterance."""

    def __init__(self, leg: Leg, command: Listen) -> None:
        codec = law(leg.remote.codec) if leg.remote else "PCMU"
        self.leg = leg
        self.number = command.listening
        self.codec = codec
        self.channel = Channel(self, codec)
        self.ends = EndPointer(codec, command.silence_ms, command.longest_ms)
        self._began: float | None = None

    def position(self, now: float) -> int:
        if self._began is None:
            self._began = now
        return round((now - self._began) * CLOCK_RATE)

    def hear(self, now: float) -> Heard:
        line = self.channel.line
        line.wait_no_longer(self.position(now) - WAITED_FOR)
        return self.ends.feed(line.take(tail=HELD_BACK))


class Utterances:
    """
    The legs of a worker that are listened to. Keys are silence here, and so is what is masked.

    What was said goes to the control process in one piece, and is nowhere else.
    """

    def __init__(self, report: Callable[[Report], None], on_speech: Callable[[Leg], None]) -> None:
        self._report = report
        self._on_speech = on_speech
        self._ears: dict[Leg, _Ear] = {}

    def listen(self, leg: Leg, command: Listen) -> None:
        self.forget(leg)
        ear = self._ears[leg] = _Ear(leg, command)
        leg.incoming.capture(ear.channel)

    def stop(self, leg: Leg, number: int) -> None:
        if (ear := self._ears.get(leg)) is not None and ear.number == number:
            self.forget(leg)

    def forget(self, leg: Leg) -> None:
        if (ear := self._ears.pop(leg, None)) is not None:
            leg.incoming.stop_capture(ear.channel)

    def tick(self, now: float) -> None:
        """What came in the last 20 ms."""
        for leg, ear in list(self._ears.items()):
            begun = ear.ends.begun
            heard = ear.hear(now)
            if ear.ends.begun and not begun:
                self._report(SpeechBegun(leg=leg.name, listening=ear.number))
                self._on_speech(leg)
            if heard is Heard.ENDED:
                self.forget(leg)
                self._report(
                    SpeechEnded(
                        leg=leg.name,
                        listening=ear.number,
                        codec=ear.codec,
                        audio=ear.ends.take(),
                    )
                )
