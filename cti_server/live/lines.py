"""The trunks' lines: who came in and was let in, and how busy they are."""

from collections.abc import Callable
from typing import Any

from cti_server.wire import events

from .ledger import Ledger
from .state import TrunkState


def _call_arrived(book: Ledger, event: events.CallArrived, at: int) -> None:
    book.state.arrived[event.contact_id] = event.trunk
    for trunk in book.trunks(event.trunk):
        _busy(trunk, at, arrived=1)
        for counts in trunk.windows.open():
            counts.arrived += 1


def _call_ended(book: Ledger, event: events.CallEnded, at: int) -> None:
    name = book.state.arrived.pop(event.contact_id, None)
    if name is not None:
        for trunk in book.trunks(name):
            _busy(trunk, at, arrived=-1)


def _line_taken(book: Ledger, event: events.TrunkLineTaken, at: int) -> None:
    for trunk in book.trunks(event.trunk):
        _busy(trunk, at, placed=1)
        for counts in trunk.windows.open():
            counts.placed += 1


def _line_freed(book: Ledger, event: events.TrunkLineFreed, at: int) -> None:
    for trunk in book.trunks(event.trunk):
        if trunk.placed:
            _busy(trunk, at, placed=-1)
        for counts in trunk.windows.open():
            counts.over += 1
            counts.answered += event.answered


def _calls_refused(book: Ledger, event: events.CallsRefused, at: int) -> None:
    for trunk in book.trunks(event.trunk):
        for counts in trunk.windows.open():
            counts.refused += event.calls


def _state_changed(book: Ledger, event: events.TrunkStateChanged, at: int) -> None:
    """Nothing is counted; who watches is shown it at once."""
    book.touched.lines = True


def _server_started(book: Ledger, event: events.ServerStarted, at: int) -> None:
    """What the last one held was freed by its death, whoever had no time to say so."""
    book.state.arrived.clear()
    book.touched.lines = True
    for trunk in (book.state.calls, *book.state.trunks.values()):
        _busy(trunk, at, arrived=-trunk.arrived, placed=-trunk.placed)


def settle(trunk: TrunkState, until: int) -> None:
    """Count the time of busy lines up to here."""
    spent = until - trunk.settled
    if spent > 0:
        for counts in trunk.windows.open():
            counts.line_ms += spent * trunk.busy
        trunk.settled = until


def _busy(trunk: TrunkState, at: int, *, arrived: int = 0, placed: int = 0) -> None:
    settle(trunk, at)
    trunk.arrived += arrived
    trunk.placed += placed
    for counts in trunk.windows.open():
        counts.peak = max(counts.peak, trunk.busy)


FOLDS: dict[type, Callable[[Ledger, Any, int], None]] = {
    events.CallArrived: _call_arrived,
    events.CallEnded: _call_ended,
    events.TrunkLineTaken: _line_taken,
    events.TrunkLineFreed: _line_freed,
    events.CallsRefused: _calls_refused,
    events.TrunkStateChanged: _state_changed,
    events.ServerStarted: _server_started,
}
