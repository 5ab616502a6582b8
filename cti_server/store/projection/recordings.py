"""Recordings, from their beginning to the stored file; what is silent in them."""

from datetime import datetime

from cti_server.wire import events
from recording.foreign_call import ForeignCall
from recording.search import LAST_DIGITS

from ..contacts import Contact
from ..foreign_calls import ForeignCallName, ForeignCallRecord
from ..recording_masks import RecordingMask
from ..recordings import ERASED, MESSAGE, Recording
from ..rows import Row, Rows
from .fold import Fold
from .peer_text import peer_text


def _recording_started(rows: Rows, event: events.RecordingStarted, at: datetime, _: int) -> None:
    contact = rows.get(Contact, event.contact_id)
    if event.foreign is not None:
        numbers = {"caller_number": event.caller_number, "dialled_number": event.dialled_number}
        contact = {name: peer_text(number) for name, number in numbers.items()}
        _foreign_call(rows, event.recording_id, event.foreign)
    rows.add(
        Recording,
        event.recording_id,
        _recording(event)
        | {
            **_customers_number("" if contact is None else contact["caller_number"]),
            "dialled_number": "" if contact is None else contact["dialled_number"],
            "started_at": at,
            "state": "running",
        },
    )


def _recording_stored(rows: Rows, event: events.RecordingStored, at: datetime, _: int) -> None:
    before = rows.get(Recording, event.recording_id)
    if before is not None and before["state"] == ERASED:
        # It came too late: nothing is told of it but the file, which is to be destroyed.
        rows.add(Recording, event.recording_id, before | {"file": event.file})
        return
    if event.foreign is not None:
        _foreign_call(rows, event.recording_id, event.foreign)
    rows.add(
        Recording,
        event.recording_id,
        _recording(event)
        | {
            **_customers_number(peer_text(event.caller_number)),
            "dialled_number": peer_text(event.dialled_number),
            "started_at": event.started_at,
            "state": "stored",
            "failure": None if before is None else before["failure"],  # what cut it short
            "duration": event.duration,
            "file": event.file,
            "size": event.size,
            "sha256": event.sha256,
            "codec": event.codec,
            "recovered": event.recovered,
            "quality": event.quality,
            "stores": list(event.stores),
            "owed": " ".join(event.owed) or None,
            "layout": "mono" if event.kind == MESSAGE else event.layout,
        },
    )


def _foreign_call(rows: Rows, recording_id: str, call: ForeignCall) -> None:
    row = {
        "id": recording_id,
        "client": call.client,
        "session_id": peer_text(call.session_id),
        "calls": [peer_text(each) for each in call.calls],
        "agent_aor": peer_text(call.agent_aor),
        "agent_name": peer_text(call.agent_name),
    }
    rows.add(ForeignCallRecord, recording_id, row)
    for place, name in enumerate(call.names):
        id = f"{recording_id} {place}"
        named = {"id": id, "recording_id": recording_id, "name": peer_text(name)}
        rows.add(ForeignCallName, id, named)
    place = len(call.names)
    while (more := rows.change(ForeignCallName, f"{recording_id} {place}")) is not None:
        more["name"] = ""  # it was told otherwise since it began
        place += 1


def _recording_reencoded(
    rows: Rows, event: events.RecordingReencoded, at: datetime, _: int
) -> None:
    recording = rows.change(Recording, event.recording_id)
    if recording is None:
        return
    if recording["state"] == ERASED:
        recording |= {"file": event.file, "replaced": event.replaced}  # both are to be destroyed
        return
    # What was said of the file of before while this one was made: it goes from every store anyway.
    owed = {*event.owed, *(recording["owed"] or "").split()} - {*event.stores}
    moved = [store for store in (recording["moved"] or "").split() if store not in event.stores]
    recording |= {
        "file": event.file,
        "size": event.size,
        "sha256": event.sha256,
        "codec": event.codec,
        "stores": list(event.stores),
        "owed": " ".join(sorted(owed)) or None,
        "moved": " ".join(moved) or None,
        "leaving": None,
        "replaced": event.replaced,
    }


def _replaced_gone(rows: Rows, event: events.RecordingReplacedGone, at: datetime, _: int) -> None:
    recording = rows.change(Recording, event.recording_id)
    if recording is not None and recording["replaced"] == event.file:
        recording["replaced"] = None


def _recording_copied(rows: Rows, event: events.RecordingCopied, at: datetime, _: int) -> None:
    recording = rows.change(Recording, event.recording_id)
    if recording is not None and recording["state"] == "stored" and _is_of(event, recording):
        had = [store for store in recording["stores"] if store != event.store]
        owed = [store for store in (recording["owed"] or "").split() if store != event.store]
        recording |= {"stores": [*had, event.store], "owed": " ".join(owed) or None}


def _recording_owed(rows: Rows, event: events.RecordingOwed, at: datetime, _: int) -> None:
    recording = rows.change(Recording, event.recording_id)
    if recording is not None and recording["state"] == "stored":
        owed = (recording["owed"] or "").split()
        owed += [each for each in event.stores if each not in (*owed, *recording["stores"])]
        recording["owed"] = " ".join(owed) or None


def _customers_number(number: str) -> Row:
    return {"caller_number": number, "last_digits": number[-LAST_DIGITS:]}


def _is_of(event: events.RecordingCopied | events.RecordingMoved, recording: Row) -> bool:
    """It was not encoded anew since."""
    return event.file in ("", recording["file"])


def _recording_moved(rows: Rows, event: events.RecordingMoved, at: datetime, _: int) -> None:
    recording = rows.change(Recording, event.recording_id)
    if recording is None or not _is_of(event, recording):
        return
    if event.kept_in in recording["stores"]:
        left = [store for store in recording["stores"] if store != event.store]
        moved = [*(recording["moved"] or "").split(), event.store]
        recording |= {"stores": left, "moved": " ".join(moved), "leaving": event.store}


def _recording(event: events.RecordingStarted | events.RecordingStored) -> Row:
    return {
        "id": event.recording_id,
        "call_id": event.call_id,
        "contact_id": event.contact_id,
        "interaction_id": event.interaction_id,
        "agent_id": event.agent_id,
        "queue": event.queue,
        "kind": event.kind,
        "rule": event.rule,
        "asked_by": event.asked_by,
        "failure": None,
        "duration": None,
        "file": None,
        "size": None,
        "sha256": None,
        "codec": None,
        "recovered": False,
        "quality": {},
        "stores": [],
        "owed": None,
        "moved": None,
        "leaving": None,
        # A message was so before its events said it.
        "sides": "customer" if event.kind == MESSAGE else event.sides,
        "layout": "mono" if event.kind == MESSAGE else "stereo",
        "replaced": None,
    }


def _recording_failed(rows: Rows, event: events.RecordingFailed, at: datetime, _: int) -> None:
    recording = rows.change(Recording, event.recording_id)
    if recording is not None and recording["state"] not in ("stored", ERASED):
        recording["state"] = "failed"
        recording["failure"] = peer_text(event.reason)


def _masked(rows: Rows, event: events.RecordingMasked, at: datetime, _: int) -> None:
    rows.add(
        RecordingMask,
        event.mask_id,
        {
            "id": event.mask_id,
            "contact_id": event.contact_id,
            "agent_id": event.agent_id,
            "asked_by": event.asked_by,
            "reason": event.reason,
            "began_at": at,
            "ended_at": None,
            "ended_by": None,
        },
    )


def _unmasked(rows: Rows, event: events.RecordingUnmasked, at: datetime, _: int) -> None:
    mask = rows.change(RecordingMask, event.mask_id)
    if mask is not None and mask["ended_at"] is None:
        mask["ended_at"] = at
        mask["ended_by"] = event.ended_by


FOLDS: dict[type, Fold] = {
    events.RecordingStarted: _recording_started,
    events.RecordingStored: _recording_stored,
    events.RecordingReencoded: _recording_reencoded,
    events.RecordingReplacedGone: _replaced_gone,
    events.RecordingCopied: _recording_copied,
    events.RecordingOwed: _recording_owed,
    events.RecordingMoved: _recording_moved,
    events.RecordingFailed: _recording_failed,
    events.RecordingMasked: _masked,
    events.RecordingUnmasked: _unmasked,
}
