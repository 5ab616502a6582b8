"""
One fax machine: T.30 over audio, or as a terminal of T.38. No clock, no sockets.

It hears and speaks as its audio, or its packets, go on; what it writes to is the one file that it
receives. Each call of a method may tell of pages, and once of the end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from .errors import FaxError
from .outcomes import OK, Outcome
from .spandsp import ffi, library

SAMPLE_RATE: Final = 8000
TICK: Final = 160
"""Samples of 20 ms."""

_MODEMS: Final = 0x07  # V.27ter, V.29, V.17
_COMPRESSIONS: Final = 0x0E  # T.4 in one and two dimensions, T.6
_RESOLUTIONS: Final = 0x07  # standard, fine, superfine
_SIZES: Final = 0x07 | 0x1F0000  # up to A3, of any length
_T6: Final = 3  # of spandsp's codes for what a received file is kept in
_ENCODINGS: Final = {1: "T.4 1-D", 2: "T.4 2-D", 3: "T.6"}
_LONGEST_IDENT: Final = 20  # signs (T.30 §5.3.6.2.4)
_LONGEST_HEADER: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """
    Who we are to the other machine.

    ``ident``: up to 20 signs, a number as a rule. ``header``: what stands at the head of each page
    that is sent, up to 50 signs of ASCII, none for none. ``ecm``: errors are corrected (Annex A).
    """

    ident: str
    header: str = ""
    ecm: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """
    A page that the receiving machine has confirmed.

    ``number`` counts from 1. ``lines_per_metre``: 3850 standard, 7700 fine, 15400 superfine.
    ``bad_rows``: of a page that came without error correction.
    """

    number: int
    columns: int
    rows: int
    lines_per_metre: int
    bit_rate: int
    encoding: str
    ecm: bool
    bad_rows: int
    octets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """``pages``: confirmed ones. ``document_pages``: of what was to be sent; None: a reception."""

    outcome: Outcome
    pages: int
    document_pages: int | None
    remote_ident: str

    @property
    def whole(self) -> bool:
        """Every page was confirmed: the only way in which a fax was sent, or has come."""
        wanted = self.pages if self.document_pages is None else self.document_pages
        return self.outcome.code == OK and self.pages >= max(1, wanted)


class Terminal:
    """What both kinds have in common. Not to be used after :meth:`close`."""

    def __init__(
        self,
        station: Station,
        document: Path,
        *,
        sends: bool,
        on_page: Callable[[Page], object],
        on_end: Callable[[End], object],
    ) -> None:
        """``document``: the TIFF to be sent, or where what comes is written."""
        self.ended: End | None = None
        self.underway = False
        """The two have agreed (phase B): it is too late to go on in another way."""
        self._lib: Any = library()
        self._on_page = on_page
        self._on_end = on_end
        self._sends = sends
        self._document = document
        self._station = station
        self._fault: BaseException | None = None
        self._handlers: list[Any] = []  # C calls them: they live as long as this
        self._t30: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def hang_up(self) -> None:
        """The line is gone: what was confirmed counts, and what was not did not come."""
        if self.ended is None:
            self._lib.t30_terminate(self._t30)
            self._raise_fault()

    def close(self) -> None:
        raise NotImplementedError

    def _equip(self, t30: Any) -> None:
        """Raises FaxError for what spandsp does not take."""
        lib, station = self._lib, self._station
        self._t30 = t30
        lib.t30_set_supported_modems(t30, _MODEMS)
        lib.t30_set_supported_compressions(t30, _COMPRESSIONS)
        lib.t30_set_supported_resolutions(t30, _RESOLUTIONS)
        lib.t30_set_supported_image_sizes(t30, _SIZES)
        lib.t30_set_ecm_capability(t30, int(station.ecm))
        lib.t30_set_rx_encoding(t30, _T6)
        lib.t30_set_tx_ident(t30, _ascii(station.ident, _LONGEST_IDENT))
        if station.header:
            lib.t30_set_tx_page_header_info(t30, _ascii(station.header, _LONGEST_HEADER))
        path = str(self._document).encode()
        if self._sends:
            lib.t30_set_tx_file(t30, path, -1, -1)
        else:
            lib.t30_set_rx_file(t30, path, -1)
        handlers = [
            ffi.callback("int(t30_state_t *, void *, int)", self._agreed, error=0),
            ffi.callback("int(t30_state_t *, void *, int)", self._page_done, error=0),
            ffi.callback("void(t30_state_t *, void *, int)", self._over),
        ]
        self._handlers += handlers
        lib.t30_set_phase_b_handler(t30, handlers[0], ffi.NULL)
        lib.t30_set_phase_d_handler(t30, handlers[1], ffi.NULL)
        lib.t30_set_phase_e_handler(t30, handlers[2], ffi.NULL)

    def _guard(self, told: Callable[[], object]) -> int:
        """An error must not go through C: it is raised when that has returned."""
        try:
            told()
        except BaseException as error:  # noqa: BLE001 - raised by _raise_fault
            self._fault = self._fault or error
        return 0

    def _raise_fault(self) -> None:
        if self._fault is not None:
            fault, self._fault = self._fault, None
            raise fault

    def _agreed(self, t30: Any, data: Any, code: int) -> int:
        self.underway = True
        return 0

    def _page_done(self, t30: Any, data: Any, code: int) -> int:
        return self._guard(lambda: self._on_page(self._page()))

    def _over(self, t30: Any, data: Any, code: int) -> None:
        self._guard(lambda: self._end(code))

    def _page(self) -> Page:
        figures = self._figures()
        return Page(
            number=figures.pages_tx if self._sends else figures.pages_rx,
            columns=figures.width,
            rows=figures.length,
            lines_per_metre=figures.y_resolution,
            bit_rate=figures.bit_rate,
            encoding=_ENCODINGS.get(figures.encoding, str(figures.encoding)),
            ecm=bool(figures.error_correcting_mode),
            bad_rows=figures.bad_rows,
            octets=figures.image_size,
        )

    def _end(self, code: int) -> None:
        if self.ended is not None:
            return
        figures = self._figures()
        told = ffi.string(self._lib.t30_completion_code_to_str(code)).decode("ascii", "replace")
        ident = self._lib.t30_get_rx_ident(self._t30)
        self.ended = End(
            outcome=Outcome(code, told),
            pages=figures.pages_tx if self._sends else figures.pages_rx,
            document_pages=max(0, figures.pages_in_file) if self._sends else None,
            remote_ident="" if ident == ffi.NULL else _printable(ffi.string(ident)),
        )
        self._on_end(self.ended)

    def _figures(self) -> Any:
        figures = ffi.new("figures_t *")
        self._lib.t30_get_transfer_statistics(self._t30, figures)
        if any(figures.slack):
            raise FaxError("this spandsp tells of calls in another way: 0.0.6 is needed")
        return figures


class AudioTerminal(Terminal):
    """By sound: signed 16-bit samples at 8 kHz, both ways."""

    def __init__(
        self,
        station: Station,
        document: Path,
        *,
        calling: bool,
        sends: bool,
        on_page: Callable[[Page], object],
        on_end: Callable[[End], object],
    ) -> None:
        super().__init__(station, document, sends=sends, on_page=on_page, on_end=on_end)
        self._fax = self._lib.fax_init(ffi.NULL, int(calling))
        if self._fax == ffi.NULL:
            raise FaxError("spandsp makes no fax machine")
        self._lib.fax_set_transmit_on_idle(self._fax, 1)
        self._spoken = ffi.new("int16_t[]", TICK)
        self._equip(self._lib.fax_get_t30_state(self._fax))

    def hear(self, samples: bytes) -> None:
        """The next of the other side's audio; its time goes on by that."""
        if self.ended is None:
            heard = ffi.from_buffer("int16_t[]", samples)
            self._lib.fax_rx(self._fax, ffi.cast("int16_t *", heard), len(samples) // 2)
            self._raise_fault()

    def miss(self, samples: int) -> None:
        """So many of them were lost on the way."""
        if self.ended is None:
            self._lib.fax_rx_fillin(self._fax, samples)
            self._raise_fault()

    def speak(self) -> bytes:
        """The next 20 ms."""
        count = self._lib.fax_tx(self._fax, self._spoken, TICK) if self.ended is None else 0
        self._raise_fault()
        said = bytes(ffi.buffer(self._spoken, 2 * count))
        return said.ljust(2 * TICK, b"\0")

    def close(self) -> None:
        if self._fax is not None:
            self._lib.fax_free(self._fax)
            self._fax = None


class PacketTerminal(Terminal):
    """By T.38's packets (IFP), which travel by :mod:`.udptl`."""

    def __init__(
        self,
        station: Station,
        document: Path,
        *,
        calling: bool,
        sends: bool,
        send: Callable[[bytes, int], object],
        on_page: Callable[[Page], object],
        on_end: Callable[[End], object],
    ) -> None:
        """``send``: a packet, and how many times it is to go out as it is."""
        super().__init__(station, document, sends=sends, on_page=on_page, on_end=on_end)
        self._send = send
        handler = ffi.callback(
            "int(t38_core_state_t *, void *, const uint8_t *, int, int)", self._sent, error=0
        )
        self._handlers.append(handler)
        self._terminal = self._lib.t38_terminal_init(ffi.NULL, int(calling), handler, ffi.NULL)
        if self._terminal == ffi.NULL:
            raise FaxError("spandsp makes no T.38 terminal")
        self._core = self._lib.t38_terminal_get_t38_core_state(self._terminal)
        self._lib.t38_set_t38_version(self._core, 0)
        self._equip(self._lib.t38_terminal_get_t30_state(self._terminal))

    def take(self, sequence: int, packet: bytes) -> None:
        if self.ended is None:
            self._lib.t38_core_rx_ifp_packet(self._core, packet, len(packet), sequence)
            self._raise_fault()

    def pass_time(self, samples: int = TICK) -> None:
        """So much time has passed, counted in samples: it may send something."""
        if self.ended is None:
            self._lib.t38_terminal_send_timeout(self._terminal, samples)
            self._raise_fault()

    def close(self) -> None:
        if self._terminal is not None:
            self._lib.t38_terminal_free(self._terminal)
            self._terminal = None

    def _sent(self, core: Any, data: Any, packet: Any, length: int, count: int) -> int:
        return self._guard(lambda: self._send(bytes(ffi.buffer(packet, length)), count))


def _ascii(text: str, longest: int) -> bytes:
    """Machines know no more; what they do not know is left out."""
    return text.encode("ascii", "ignore")[:longest]


def _printable(ident: bytes) -> str:
    text = ident.decode("ascii", "replace").strip()
    return "".join(sign for sign in text if sign.isprintable())
