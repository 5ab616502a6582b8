"""The signalling side's view of the RTP processes: ports to take, to start and to give back."""

import contextlib
import socket
from collections import deque
from multiprocessing.connection import Connection

from cti_server.sip.offer_answer import AudioAgreement

from .records import COMMAND, PRESS, START, STOP


class StreamEnd:
    """One leg's RTP port, sent from and heard by an RTP process."""

    __slots__ = ("_number", "_pipe", "_pool", "port", "stream")

    def __init__(self, pool: "StreamPool", pipe: Connection, number: int, port: int) -> None:
        self._pool = pool
        self._pipe = pipe
        self._number = number
        self.port = port
        self.stream = 0

    def start(self, agreement: AudioAgreement, *, speaks: bool) -> None:
        """Send to where the other side wants it; keys alone unless it ``speaks``."""
        self._command(
            START,
            socket.inet_aton(agreement.host),
            agreement.port,
            agreement.dtmf_payload_type or 0,
            int(speaks),
        )

    def press(self, event: int) -> None:
        self._command(PRESS, flag=event)

    def give_back(self) -> None:
        """The call is over."""
        self._command(STOP)
        self._pool.put(self)

    def _command(
        self, kind: int, host: bytes = bytes(4), port: int = 0, event_type: int = 0, flag: int = 0
    ) -> None:
        with contextlib.suppress(OSError):  # that it is gone, its own pipe tells the run
            self._pipe.send_bytes(
                COMMAND.pack(kind, self._number, self.stream, host, port, event_type, flag)
            )


class StreamPool:
    """The ports of one signalling process, over all RTP processes."""

    def __init__(self, pipes: list[Connection], first_stream: int) -> None:
        """Waits for the RTP processes to tell their ports. Raises EOFError if one is gone."""
        told = [[StreamEnd(self, pipe, *each) for each in pipe.recv()] for pipe in pipes]
        self._free: deque[StreamEnd] = deque()
        for number in range(max(map(len, told), default=0)):
            self._free += [ends[number] for ends in told if number < len(ends)]
        self._next_stream = first_stream

    def take(self) -> StreamEnd | None:
        """A port under a new stream number; None if all are in use."""
        if not self._free:
            return None
        end = self._free.popleft()
        end.stream = self._next_stream
        self._next_stream += 1
        return end

    def put(self, end: StreamEnd) -> None:
        self._free.append(end)
