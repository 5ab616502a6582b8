"""One fax machine at its sockets: RTP from a media worker, or T.38 from the other side itself."""

import random
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import structlog

from cti_server.media.g711 import SILENCE, decode, encode
from cti_server.media.latch import Latch, Verdict
from cti_server.media.rtp import HEADER, VERSION, payload_bounds
from fax_sms_email.fax.errors import BadDatagram
from fax_sms_email.fax.terminal import TICK, AudioTerminal, End, PacketTerminal, Page, Station
from fax_sms_email.fax.udptl import REDUNDANCY, Incoming, Outgoing, read

from .hearing import Heard, Hearing, Lost, Silent
from .protocol import UNTOLD, MachineEnded, OpenMachine, PageDone, Report, SpeakAudio, SpeakPackets

log = structlog.get_logger()

QUIET: Final = 0.2  # seconds without a packet after which time is made up
_SILENCE: Final = bytes(2 * TICK)


class Machine:
    """
    Begins as :class:`SpeakAudio` or :class:`SpeakPackets` says, is told the time by :meth:`tick`.

    Its sockets are its owner's.
    """

    def __init__(
        self,
        order: OpenMachine,
        audio: socket.socket,
        packets: socket.socket,
        report: Callable[[Report], object],
        chance: random.Random,
    ) -> None:
        self.name = order.machine
        self.audio, self.packets = audio, packets
        self._order = order
        self._report = report
        self._by_audio: _ByAudio | None = None
        self._by_packets: _ByPackets | None = None
        self._told = False
        self._pages = 0  # confirmed, since it began (anew)
        self._chance = chance

    def speak_audio(self, told: SpeakAudio, now: float) -> None:
        """Raises what the terminal does; a second time is without effect."""
        if self._by_audio is None and self._by_packets is None:
            terminal = AudioTerminal(
                self._station(),
                Path(self._order.document),
                calling=self._order.calling,
                sends=self._order.sends,
                on_page=self._page,
                on_end=self._ended,
            )
            self._by_audio = _ByAudio(terminal, self.audio, told, now, self._chance)

    def speak_packets(self, told: SpeakPackets, now: float) -> None:
        """What was begun by audio is forgotten: the other machine begins anew, too."""
        if self._by_audio is not None:
            self._by_audio.terminal.close()
            self._by_audio = None
        if self._by_packets is not None:
            self._by_packets.goes_to(told, now)
            return
        self._pages = 0
        self._by_packets = _ByPackets(self._packet_terminal, self.packets, told, now)

    def tick(self, now: float) -> None:
        if self._by_packets is not None:
            self._by_packets.tick()
        elif self._by_audio is not None:
            self._by_audio.tick(now)

    def audio_came(self, packet: bytes, now: float) -> None:
        if self._by_audio is not None:
            self._by_audio.receive(packet, now)

    def packet_came(self, data: bytes, source: tuple[str, int], now: float) -> None:
        if self._by_packets is not None:
            self._by_packets.receive(data, source, now)

    def hang_up(self) -> None:
        """The end is told, also by one that has not begun."""
        for one in (self._by_audio, self._by_packets):
            if one is not None:
                one.terminal.hang_up()
        self.give_up("the call ended before the fax began")

    def give_up(self, reason: str) -> None:
        """An end that its terminal does not know of."""
        if not self._told:
            self._told = True
            self._report(
                MachineEnded(
                    machine=self.name,
                    code=UNTOLD,
                    reason=reason,
                    pages=self._pages,
                    whole=False,
                    by_packets=self._by_packets is not None,
                )
            )

    def close(self) -> None:
        self._told = True
        for one in (self._by_audio, self._by_packets):
            if one is not None:
                one.terminal.close()
        self._by_audio = self._by_packets = None

    def _packet_terminal(self, send: Callable[[bytes, int], object]) -> PacketTerminal:
        return PacketTerminal(
            self._station(),
            Path(self._order.document),
            calling=self._order.calling,
            sends=self._order.sends,
            send=send,
            on_page=self._page,
            on_end=self._ended,
        )

    def _station(self) -> Station:
        order = self._order
        return Station(ident=order.ident, header=order.header, ecm=order.ecm)

    def _page(self, page: Page) -> None:
        self._pages += 1
        self._report(
            PageDone(
                machine=self.name,
                number=page.number,
                columns=page.columns,
                rows=page.rows,
                lines_per_metre=page.lines_per_metre,
                bit_rate=page.bit_rate,
                encoding=page.encoding,
                ecm=page.ecm,
                bad_rows=page.bad_rows,
                octets=page.octets,
            )
        )

    def _ended(self, end: End) -> None:
        if self._told:
            return
        self._told = True
        packets = self._by_packets
        self._report(
            MachineEnded(
                machine=self.name,
                code=end.outcome.code,
                reason=end.outcome.reason,
                pages=end.pages,
                whole=end.whole,
                permanent=end.outcome.permanent,
                nobody_there=end.outcome.nobody_there,
                document_pages=end.document_pages,
                remote_ident=end.remote_ident,
                by_packets=packets is not None,
                lost=packets.incoming.lost if packets is not None else 0,
                recovered=packets.incoming.recovered if packets is not None else 0,
            )
        )


class _ByAudio:
    """RTP to and from a media worker, which is the one address that is listened to."""

    def __init__(
        self,
        terminal: AudioTerminal,
        way: socket.socket,
        told: SpeakAudio,
        now: float,
        chance: random.Random,
    ) -> None:
        self.terminal = terminal
        self._way = way
        self._law = told.law
        self._silent = bytes((SILENCE[told.law],)) * TICK
        self._payload_type = told.payload_type
        self._hearing = Hearing()
        self._heard_at = now
        self._sequence = chance.randrange(0x8000)
        self._timestamp = chance.randrange(1 << 31)
        self._ssrc = chance.randrange(1 << 32)
        way.connect((told.host, told.port))

    def receive(self, packet: bytes, now: float) -> None:
        bounds = payload_bounds(packet, len(packet))
        if bounds is None or packet[1] & 0x7F != self._payload_type:
            return
        self._heard_at = now
        _, sequence, timestamp, ssrc = HEADER.unpack_from(packet)
        payload = packet[slice(*bounds)]
        for heard in self._hearing.receive(ssrc, sequence, timestamp, payload):
            self._take(heard)

    def tick(self, now: float) -> None:
        if now - self._heard_at > QUIET:
            self._take(self._hearing.pass_time(TICK))
        said = self.terminal.speak()
        payload = self._silent
        if said != _SILENCE:
            payload = encode(np.frombuffer(said, np.int16), self._law)
        head = VERSION | self._payload_type
        packet = HEADER.pack(head, self._sequence, self._timestamp, self._ssrc) + payload
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + TICK) & 0xFFFFFFFF
        _send(self._way, packet)

    def _take(self, heard: Heard) -> None:
        match heard:
            case Lost(samples):
                self.terminal.miss(samples)
            case Silent(samples):
                self.terminal.hear(bytes(2 * samples))
            case bytes():
                self.terminal.hear(decode(heard, self._law).tobytes())


class _ByPackets:
    """UDPTL; the other side is where its SDP says, or where it proves to be (:mod:`.latch`)."""

    def __init__(
        self,
        terminal: Callable[[Callable[[bytes, int], object]], PacketTerminal],
        way: socket.socket,
        told: SpeakPackets,
        now: float,
    ) -> None:
        self.incoming = Incoming()
        self._outgoing = Outgoing(REDUNDANCY if told.redundant else 0, told.largest)
        self._way = way
        self._latch = Latch()
        self._to = (told.host, told.port)
        self._latch.expect(told.host, told.port, now)
        self.terminal = terminal(self.send)

    def goes_to(self, told: SpeakPackets, now: float) -> None:
        """The same session, at another address perhaps: where it is the same, nothing changes."""
        if self._to == (told.host, told.port):
            return
        self._to = (told.host, told.port)
        self._latch.expect(told.host, told.port, now)

    def send(self, packet: bytes, times: int) -> None:
        data = self._outgoing.datagram(packet)
        for _ in range(times):
            _send(self._way, data, self._latch.address or self._to)

    def receive(self, data: bytes, source: tuple[str, int], now: float) -> None:
        try:
            datagram = read(data)
        except BadDatagram as error:
            log.debug("fax.datagram_refused", reason=str(error))
            return
        if self._latch.receive(source, datagram.sequence, 0, now) is not Verdict.REFUSED:
            for number, packet in self.incoming.receive(datagram):
                self.terminal.take(number, packet)

    def tick(self) -> None:
        self.terminal.pass_time()


def _send(way: socket.socket, data: bytes, to: tuple[str, int] | None = None) -> None:
    """What cannot be sent is lost, as on any network."""
    try:
        if to is None:
            way.send(data)
        else:
            way.sendto(data, to)
    except OSError as error:
        log.debug("fax.not_sent", error=str(error))
