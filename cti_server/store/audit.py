"""
The audit trail: who saw or changed what is protected, who came in, and what was refused.

It derives from the event log, in the transaction that stores the events, and is only ever added
to. Each entry carries the SHA-256 of itself and of the entry before it, so that whoever alters,
removes or moves one has to write all later ones anew, and is found by who has noted a later hash.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import msgspec
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from cti_server.wire import events
from cti_server.wire.events import Event, Logged

from .base import Base, SequenceNumber

BEGINNING = "0" * 64
"""What stands for the hash before the first entry."""

_LONGEST = 255
"""Characters of a text: a client calls itself what it likes."""

_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Fact:
    """What is audited: somebody (``actor``, empty if unknown) did something to a record."""

    actor: str
    action: str
    record: str
    record_id: str
    details: dict[str, Any]


class AuditEntry(Base, kw_only=True):
    """
    One fact, and its place in the chain.

    ``sequence`` counts the entries without a gap; ``event_sequence`` is the event's in the log.
    ``details`` is JSON; it never has a customer's values.
    """

    __tablename__ = "audit_entry"

    sequence: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, autoincrement=False)
    event_sequence: Mapped[int] = mapped_column(SequenceNumber, unique=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    action: Mapped[str]
    record: Mapped[str]
    record_id: Mapped[str]
    details: Mapped[str]
    previous_hash: Mapped[str]
    hash: Mapped[str]

    @classmethod
    def following(cls, before: Self | None, logged: Logged, fact: Fact) -> Self:
        """The next entry of the trail; ``before`` is its last, None if this is the first."""
        entry = cls(
            sequence=1 if before is None else before.sequence + 1,
            event_sequence=logged.sequence,
            at=logged.at.astimezone(UTC),
            actor=_text(fact.actor),
            action=_text(fact.action),
            record=_text(fact.record),
            record_id=_text(fact.record_id),
            details=_details(fact),
            previous_hash=BEGINNING if before is None else before.hash,
            hash="",
        )
        entry.hash = entry.computed_hash()
        return entry

    def computed_hash(self) -> str:
        """SHA-256 of the previous hash and the content, as one JSON array in this order."""
        content = _encode(
            [
                self.previous_hash,
                self.sequence,
                self.event_sequence,
                self.at.astimezone(UTC).isoformat(timespec="microseconds"),
                self.actor,
                self.action,
                self.record,
                self.record_id,
                self.details,
            ]
        )
        return hashlib.sha256(content).hexdigest()

    def tells(self, logged: Logged, fact: Fact) -> bool:
        """Whether it says what the event says."""
        return (
            self.at == logged.at
            and (self.actor, self.action) == (_text(fact.actor), _text(fact.action))
            and (self.record, self.record_id) == (_text(fact.record), _text(fact.record_id))
            and self.details == _details(fact)
        )


Index("ix_audit_entry_actor_sequence", AuditEntry.actor, AuditEntry.sequence)
Index(
    "ix_audit_entry_record_record_id_sequence",
    AuditEntry.record,
    AuditEntry.record_id,
    AuditEntry.sequence,
)


def fact_of(event: Event) -> Fact | None:
    """What the audit trail says of an event; None if it is nobody's business."""
    tell = _FACTS.get(type(event))
    return None if tell is None else tell(event)


def _text(value: str) -> str:
    """As every database takes it: PostgreSQL has no NUL, and cannot index some thousands."""
    return value[:_LONGEST].replace("\0", "\ufffd")


def _details(fact: Fact) -> str:
    return _encode(fact.details).decode()


def _changed(event: events.RecordChanged) -> Fact:
    details = {"fields": event.fields} if event.fields else {}
    return Fact(event.changed_by, event.action, event.record, event.record_id, details)


def _read(event: events.RecordRead) -> Fact:
    return Fact(event.read_by, "read", event.record, event.record_id, {"what": event.what})


def _played(event: events.RecordingPlayed) -> Fact:
    details = {"edits": event.edits} if event.edits else {}
    return Fact(event.played_by, "played", "recording", event.recording_id, details)


def _exported(event: events.RecordingExported) -> Fact:
    details = {"export_id": event.export_id, "format": event.format}
    return Fact(event.exported_by, "exported", "recording", event.recording_id, details)


def _masked(event: events.RecordingMasked) -> Fact:
    details = {"of": event.agent_id, "reason": event.reason}
    return Fact(event.asked_by, "masked", "contact", event.contact_id, details)


def _unmasked(event: events.RecordingUnmasked) -> Fact:
    details = {"of": event.agent_id, "ended_by": event.ended_by}
    return Fact(event.asked_by or "system", "unmasked", "contact", event.contact_id, details)


def _imported(event: events.CustomersImported) -> Fact:
    counts = {"created": event.created, "updated": event.updated, "refused": event.refused}
    return Fact(event.imported_by, "imported", "customer", "", counts)


def _listened(
    event: events.ListenStarted | events.ListenChanged | events.ListenEnded,
) -> Fact:
    action = _LISTENING[type(event)]
    details: dict[str, Any] = {
        "listen_id": event.listen_id,
        "listened_to": event.listened_to,
        "mode": event.mode,
    }
    if isinstance(event, events.ListenEnded):
        details["seconds"] = event.seconds
    return Fact(event.supervisor_id, action, "contact", event.contact_id, details)


_LISTENING: dict[type, str] = {
    events.ListenStarted: "listen_started",
    events.ListenChanged: "listen_changed",
    events.ListenEnded: "listen_ended",
}


def _taken_over(event: events.ContactTakenOver) -> Fact:
    details = {"taken_from": event.taken_from}
    return Fact(event.agent_id, "taken_over", "contact", event.contact_id, details)


def _agent_released(event: events.AgentReleased) -> Fact:
    return Fact(event.released_by, "released", "agent", event.agent_id, {})


def _opened(event: events.SessionOpened) -> Fact:
    details = {"method": event.method, "address": event.address, "client": event.client[:_LONGEST]}
    return Fact(event.user_id, "opened", "session", event.session_id, details)


def _renewed(event: events.SessionRenewed) -> Fact:
    return Fact(event.user_id, "renewed", "session", event.session_id, {})


def _closed(event: events.SessionClosed) -> Fact:
    return Fact(event.closed_by, "closed", "session", event.session_id, {"of": event.user_id})


def _confirmed(event: events.IdentityConfirmed) -> Fact:
    details = {"purpose": event.purpose, "address": event.address}
    return Fact(event.user_id, "confirmed", "session", event.session_id, details)


def _all_closed(event: events.SessionsClosed) -> Fact:
    details = {"reason": event.reason}
    return Fact(event.closed_by, "sessions_closed", "agent", event.user_id, details)


def _failed(event: events.LogInFailed) -> Fact:
    details = {"reason": event.reason, "address": event.address}
    return Fact(event.user_id, "log_in_failed", "agent", event.user_id, details)


def _locked_out(event: events.LockedOut) -> Fact:
    details = {"seconds": event.seconds, "address": event.address}
    return Fact(event.user_id, "locked_out", "agent", event.user_id, details)


def _refused(event: events.AccessRefused) -> Fact:
    details = {"route": event.route, "address": event.address}
    return Fact(event.refused, "refused", "permission", event.permission, details)


def _key_used(event: events.ApiKeyUsed) -> Fact:
    return Fact(f"key:{event.key_id}", "used", "api_key", event.key_id, {"address": event.address})


_FACTS: dict[type, Callable[[Any], Fact]] = {
    events.RecordChanged: _changed,
    events.RecordRead: _read,
    events.RecordingPlayed: _played,
    events.RecordingExported: _exported,
    events.RecordingMasked: _masked,
    events.RecordingUnmasked: _unmasked,
    events.CustomersImported: _imported,
    events.ListenStarted: _listened,
    events.ListenChanged: _listened,
    events.ListenEnded: _listened,
    events.ContactTakenOver: _taken_over,
    events.AgentReleased: _agent_released,
    events.SessionOpened: _opened,
    events.SessionRenewed: _renewed,
    events.SessionClosed: _closed,
    events.SessionsClosed: _all_closed,
    events.IdentityConfirmed: _confirmed,
    events.LogInFailed: _failed,
    events.LockedOut: _locked_out,
    events.AccessRefused: _refused,
    events.ApiKeyUsed: _key_used,
}
"""The events that are audited."""

AUDITED = [str(kind.__struct_config__.tag) for kind in _FACTS]  # type: ignore[attr-defined]
"""Their names in the log."""
