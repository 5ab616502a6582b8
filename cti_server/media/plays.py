"""What the legs of a worker are sent by the worker itself: prompts and keys, a packet a tick."""

from collections.abc import Callable
from typing import Literal

from .leg import Leg, PlayInProgress
from .packets import guarded
from .prompts import Prompts
from .protocol import Play, PlayEnded, Report

Outcome = Literal["finished", "interrupted", "stopped", "failed"]


class Plays:
    """The plays of all legs, each ended with one report."""

    def __init__(self, report: Callable[[Report], None]) -> None:
        self._report = report
        self._prompts = Prompts()
        self._speaking: dict[Leg, None] = {}  # in order of their beginning

    @property
    def fd(self) -> int:
        """Readable when files were read, for :meth:`deliver`."""
        return self._prompts.fd

    def deliver(self) -> None:
        self._prompts.deliver()

    def start(self, leg: Leg, command: Play) -> None:
        self.end(leg, "stopped")
        if leg.remote is None:
            self._report(PlayEnded(leg=leg.name, play=command.play, outcome="failed"))
            return
        play = PlayInProgress(command.play, leg.remote.codec, barge_in=command.barge_in)
        leg.play = play
        leg.wire()

        def loaded(files: list[bytes] | None) -> None:
            if leg.play is not play:
                return  # stopped in the meantime
            if files is None:
                self.end(leg, "failed")
                return
            play.load(files, repeat=command.repeat)
            self._let_speak(leg)

        self._prompts.load(command.files, leg.remote.codec, loaded)

    def stop(self, leg: Leg, number: int) -> None:
        if leg.play is not None and leg.play.number == number:
            self.end(leg, "stopped")

    def end(self, leg: Leg, outcome: Outcome) -> None:
        """End what is played there, if anything is."""
        if (play := leg.play) is not None:
            leg.play = None
            self._fall_silent(leg)
            self._report(PlayEnded(leg=leg.name, play=play.number, outcome=outcome))

    def abandon(self, leg: Leg | None, command: Play) -> None:
        """Leave nothing half done of a play that could not be begun."""
        if leg is not None:
            leg.play = None
            guarded(self._fall_silent, leg)
        self._report(PlayEnded(leg=command.leg, play=command.play, outcome="failed"))

    def send_digits(self, leg: Leg, digits: str, duration_ms: int, gap_ms: int) -> None:
        if leg.sender.dtmf_payload_type is not None:
            leg.digits.append(digits, duration_ms, gap_ms)
            self._let_speak(leg)

    def forget(self, leg: Leg) -> None:
        self._speaking.pop(leg, None)

    def tick(self, now: float) -> None:
        for leg in list(self._speaking):
            guarded(self._let_say, leg, now)

    def close(self) -> None:
        self._prompts.close()

    def _let_say(self, leg: Leg, now: float) -> None:
        if leg.speak(now) is not None:
            self.end(leg, "finished")
        elif not leg.speaking:
            self._fall_silent(leg)

    def _let_speak(self, leg: Leg) -> None:
        leg.wire()
        self._speaking[leg] = None

    def _fall_silent(self, leg: Leg) -> None:
        if not leg.speaking:
            self._speaking.pop(leg, None)
            leg.wire()
