"""A phone's RTP socket on the event loop: one packet out every 20 ms, whatever comes taken in."""

import asyncio
import random
import socket
from typing import Final

import numpy as np

from cti_server.media.digits import DigitSequence
from cti_server.media.g711 import encode
from cti_server.media.protocol import Codec
from cti_server.media.rtp import TICK, TICK_SAMPLES
from cti_server.media.sender import RtpSender
from cti_server.sip.offer_answer import AudioAgreement

from .audio import Sound
from .changes import Changes
from .heard import Heard, RtpFigures

_SECOND: Final = 50  # ticks
_LOOK: Final = 5  # ticks after which whoever waits looks again: silence makes no event of its own
_HOPELESS: Final = 0.2  # so many seconds behind, ticks are left out and not made up for
_PORT_TRIES: Final = 20
_SILENCE: Final = np.zeros(TICK_SAMPLES, np.int16)
_CODECS: Final[dict[str, Codec]] = {"PCMU": "PCMU", "PCMA": "PCMA"}


class RtpEnd:
    """Hears from the moment it is made; speaks once it was told where to (:meth:`agree`)."""

    def __init__(self, host: str, changes: Changes) -> None:
        """Raises OSError."""
        self._loop = asyncio.get_running_loop()
        self.heard = Heard(self._loop.time)
        self.late_ticks = 0
        self.unheard = False
        """Whether what is sent from here is lost on the way."""
        self._changes = changes
        self._socket, self._rtcp = _neighbours(host)
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self._buffer = bytearray(2048)
        self._sender = RtpSender(random.Random())
        self._remote: tuple[str, int] | None = None
        self._codec: Codec = "PCMU"
        self._sound: Sound | None = None
        self._digits = DigitSequence()
        self._ticks = 0
        self._timer: asyncio.Handle | None = None
        self._loop.add_reader(self._socket, self._readable)

    @property
    def figures(self) -> RtpFigures:
        reception = self.heard.reception
        return RtpFigures(
            sent=self._sender.sent,
            received=reception.received,
            lost=reception.lost,
            out_of_order=reception.out_of_order,
            copies=reception.copies,
            jitter_ms=1000 * reception.jitter,
        )

    @property
    def typing(self) -> bool:
        """Whether keys are still being sent."""
        return bool(self._digits)

    def agree(self, agreement: AudioAgreement) -> None:
        """Send and expect what was negotiated."""
        self._remote = (agreement.host, agreement.port)
        self._codec = _CODECS[agreement.codec]
        self._sender.speaks(agreement.payload_type, agreement.dtmf_payload_type)
        self.heard.expect_events(agreement.dtmf_payload_type)
        speaks = agreement.direction in ("sendrecv", "sendonly")
        self._sender.send = self._send if speaks else None
        if self._timer is None:
            self._sender.begin(self._loop.time())
            self._timer = self._loop.call_soon(self._tick, self._loop.time())

    def say(self, sound: Sound | None) -> None:
        """From now on send this sound; None is silence."""
        self._sound = sound

    def press(self, digits: str, duration_ms: int, gap_ms: int) -> None:
        """Send keys as telephone-events, instead of sound as long as they last."""
        self._digits.append(digits, duration_ms, gap_ms)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._loop.remove_reader(self._socket)
        self._socket.close()
        self._rtcp.close()

    def _send(self, data: bytes | bytearray | memoryview) -> int:
        if self._remote is None or self.unheard:
            return 0
        return self._socket.sendto(data, self._remote)

    def _tick(self, due: float) -> None:
        now = self._loop.time()
        if now - due > TICK / 4:
            self.late_ticks += 1
        self._send_frame()
        self._ticks += 1
        if self._ticks % _LOOK == 0:
            self._changes.happened()
        if self._ticks % _SECOND == 0:
            self.heard.look_at_the_clock()
        following = due + TICK if now - due < _HOPELESS else now + TICK
        self._timer = self._loop.call_at(following, self._tick, following)

    def _send_frame(self) -> None:
        frame = next(self._sound, None) if self._sound is not None else None
        if self._digits:
            step = self._digits.next()
            if step is None:
                self._sender.pass_time()
            else:
                self._sender.send_event(step.payload, step.age, marker=step.marker)
            if not self._digits:
                self._changes.happened()
            return
        self._sender.send_audio(encode(_SILENCE if frame is None else frame, self._codec))

    def _readable(self) -> None:
        while True:
            try:
                size, source = self._socket.recvfrom_into(self._buffer)
            except (BlockingIOError, InterruptedError):
                break
            except OSError:
                continue  # an ICMP error of an earlier packet; nobody was there yet
            self.heard.receive(self._buffer, size, source[:2])
        self._changes.happened()


def _neighbours(host: str) -> tuple[socket.socket, socket.socket]:
    """
    A socket for RTP and one on the next port, where the other side sends its RTCP reports.

    Nobody reads the second, but without it they would reach whoever has that port. Raises OSError.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(_PORT_TRIES):
        rtp, rtcp = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(2))
        try:
            rtp.bind((host, 0))
            rtcp.bind((host, rtp.getsockname()[1] + 1))
        except (OSError, OverflowError):
            rtp.close()
            rtcp.close()
        else:
            return rtp, rtcp
    raise OSError("no two neighbouring ports are free")
