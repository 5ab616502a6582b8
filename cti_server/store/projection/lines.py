"""The trunks' lines that our own calls took, and the calls that were not let in."""

from datetime import datetime

from cti_server.wire import events

from ..lines import CallRefusal, LineUse, ServerStart
from ..rows import Rows
from .fold import Fold


def _line_taken(rows: Rows, event: events.TrunkLineTaken, at: datetime, sequence: int) -> None:
    line = {"trunk": event.trunk, "taken_at": at, "freed_at": None, "answered": False}
    rows.add(LineUse, sequence, {"id": sequence, **line})


def _line_freed(rows: Rows, event: events.TrunkLineFreed, at: datetime, _: int) -> None:
    line = rows.change(LineUse, event.line)
    if line is not None and line["freed_at"] is None:
        line |= {"freed_at": at, "answered": event.answered}


def _calls_refused(rows: Rows, event: events.CallsRefused, at: datetime, sequence: int) -> None:
    refusal = {"trunk": event.trunk, "cause": event.cause, "calls": event.calls}
    rows.add(CallRefusal, sequence, {"id": sequence, **refusal, "refused_at": at})


def _server_started(rows: Rows, event: events.ServerStarted, at: datetime, sequence: int) -> None:
    rows.add(ServerStart, sequence, {"id": sequence, "started_at": at})


FOLDS: dict[type, Fold] = {
    events.TrunkLineTaken: _line_taken,
    events.TrunkLineFreed: _line_freed,
    events.CallsRefused: _calls_refused,
    events.ServerStarted: _server_started,
}
