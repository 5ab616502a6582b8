"""What the legs of a worker are sent by the worker itself: prompts and keys, a packet a tick."""

from collections.abc import Callable
from typing import Literal

from .g711 import law
from .leg import Leg
from .packets import guarded
from .play import PlayInProgress
from .prompts import Prompts
from .protocol import Play
from .worker_reports import PlayEnded, Report

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
        self.end(leg, leg.over if command.over else leg.play, "stopped")
        if leg.remote is None:
            self._report(PlayEnded(leg=leg.name, play=command.play, outcome="failed"))
            return
        codec = law(leg.remote.codec)
        play = PlayInProgress(command.play, codec, barge_in=command.barge_in, over=command.over)
        if play.over:
            leg.over = play
        else:
            leg.play = play
        leg.rewire()

        def loaded(files: list[bytes] | None) -> None:
            if play not in (leg.play, leg.over):
                return  # stopped in the meantime
            if files is None:
                self.end(leg, play, "failed")
                return
            play.load(files, repeat=command.repeat)
            self._let_speak(leg)

        self._prompts.load(command.files, codec, loaded, keep=not command.private)

    def stop(self, leg: Leg, number: int) -> None:
        for play in (leg.play, leg.over):
            if play is not None and play.number == number:
                self.end(leg, play, "stopped")

    def interrupt(self, leg: Leg) -> None:
        """A key was pressed."""
        for play in (leg.play, leg.over):
            if play is not None and play.barge_in:
                self.end(leg, play, "interrupted")

    def clear(self, leg: Leg) -> None:
        """The leg closes."""
        for play in (leg.play, leg.over):
            self.end(leg, play, "stopped")
        self._speaking.pop(leg, None)

    def end(self, leg: Leg, play: PlayInProgress | None, outcome: Outcome) -> None:
        """End it, if there is one and it has not ended yet."""
        if play is None or play not in (leg.play, leg.over):
            return
        self._drop(leg, play)
        self._rearrange(leg)
        self._report(PlayEnded(leg=leg.name, play=play.number, outcome=outcome))

    def abandon(self, leg: Leg | None, command: Play) -> None:
        """Leave nothing half done of a play that could not be begun."""
        if leg is not None:
            for play in (leg.play, leg.over):
                if play is not None and play.number == command.play:
                    self._drop(leg, play)
            guarded(self._rearrange, leg)
        self._report(PlayEnded(leg=command.leg, play=command.play, outcome="failed"))

    def _drop(self, leg: Leg, play: PlayInProgress) -> None:
        leg.steady = None
        if leg.play is play:
            leg.play = None
        elif leg.over is play:
            leg.over = None

    def send_digits(self, leg: Leg, digits: str, duration_ms: int, gap_ms: int) -> None:
        if leg.sender.dtmf_payload_type is not None:
            leg.digits.append(digits, duration_ms, gap_ms)
            self._let_speak(leg)

    def forget(self, leg: Leg) -> None:
        self._speaking.pop(leg, None)

    def tick(self, now: float) -> None:
        for leg in list(self._speaking):
            steady = leg.steady
            if steady is None or leg.mixed or not steady.send_next(leg.sender):
                guarded(self._let_say, leg, now)

    def close(self) -> None:
        self._prompts.close()

    def _let_say(self, leg: Leg, now: float) -> None:
        sent_digits = bool(leg.digits)
        if (ended := leg.speak(now)) is not None:
            self.end(leg, ended, "finished")
        elif sent_digits and not leg.digits and leg.speaking:
            leg.rewire()  # what was played goes on, maybe by the mixing
        elif not leg.speaking:
            self._rearrange(leg)

    def _let_speak(self, leg: Leg) -> None:
        leg.rewire()
        self._speaking[leg] = None

    def _rearrange(self, leg: Leg) -> None:
        """Something that it was sent is sent no more; what else there is goes on."""
        if not leg.speaking:
            self._speaking.pop(leg, None)
        leg.rewire()
