"""
What the control process tells the fax process, and what that reports.

Frames as between it and the media workers (:mod:`cti_server.media.protocol`). A machine is one
T.30 terminal; its id is chosen by the control process.
"""

from typing import Final, Literal

import msgspec

Law = Literal["PCMU", "PCMA"]


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """What is said either way."""


class OpenMachine(Message, frozen=True, tag="open_machine"):
    """
    Have a machine ready; answered by ``MachineOpened`` or ``MachineRefused``.

    ``calling``: it begins as whoever calls does (T.30 §5.1); ``sends`` the document (a TIFF), or
    writes what comes to it. ``ident`` and ``header`` are of T.30 (up to 20 and 50 signs of ASCII).
    """

    machine: str
    calling: bool
    sends: bool
    document: str
    ident: str
    header: str = ""
    ecm: bool = True


class SpeakAudio(Message, frozen=True, tag="speak_audio"):
    """Begin, by RTP of this law and payload type to and from that address."""

    machine: str
    host: str
    port: int
    law: Law
    payload_type: int


class SpeakPackets(Message, frozen=True, tag="speak_packets"):
    """
    Begin, or begin anew after audio, by T.38 to that address.

    ``redundant``: what was lost is to be sent again with what follows; ``largest``: octets of a
    datagram that the other side takes.
    """

    machine: str
    host: str
    port: int
    redundant: bool
    largest: int


class HangUp(Message, frozen=True, tag="hang_up"):
    """The line is gone: it ends with what was confirmed until now."""

    machine: str


class CloseMachine(Message, frozen=True, tag="close_machine"):
    """Give everything back; nothing more is told of it."""

    machine: str


class GetStatistics(Message, frozen=True, tag="get_statistics"):
    """Answered by ``FaxStatistics``."""


class Shutdown(Message, frozen=True, tag="shutdown"):
    """Exit with code 0."""


Command = OpenMachine | SpeakAudio | SpeakPackets | HangUp | CloseMachine | GetStatistics | Shutdown


class MachineOpened(Message, frozen=True, tag="machine_opened"):
    """Where it is: for audio, and for T.38."""

    machine: str
    audio_port: int
    packet_port: int


class MachineRefused(Message, frozen=True, tag="machine_refused"):
    machine: str
    reason: str


class PageDone(Message, frozen=True, tag="page_done"):
    """The receiving machine has confirmed a page; see :class:`fax_sms_email.fax.terminal.Page`."""

    machine: str
    number: int
    columns: int
    rows: int
    lines_per_metre: int
    bit_rate: int
    encoding: str
    ecm: bool
    bad_rows: int
    octets: int


UNTOLD: Final = -1
"""The code of an end of which spandsp was not asked."""


class MachineEnded(Message, frozen=True, tag="machine_ended"):
    """
    Its call is over; told once for each machine that has begun.

    ``code`` is spandsp's, or UNTOLD. ``whole``: every page was confirmed.
    ``permanent``: the same would come to the same; ``nobody_there``: no fax machine answered.
    ``document_pages``: of what was to be sent. ``lost`` and ``recovered``: T.38's packets.
    """

    machine: str
    code: int
    reason: str
    pages: int
    whole: bool
    permanent: bool = False
    nobody_there: bool = False
    document_pages: int | None = None
    remote_ident: str = ""
    by_packets: bool = False
    lost: int = 0
    recovered: int = 0


class FaxStatistics(Message, frozen=True, tag="fax_statistics"):
    machines: int
    late_ticks: int
    cpu_seconds: float


Report = MachineOpened | MachineRefused | PageDone | MachineEnded | FaxStatistics
