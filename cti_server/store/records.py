"""Events and what follows from them, written to the database a batch at a time."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from sqlalchemy import Connection, Dialect, Insert, Table, delete, select

from cti_server.wire.events import CommittedEvent, Event

from .agent_messages import AgentMessage
from .agent_states import AgentStatePeriod, AgentStatus
from .alerts import Alert
from .api_keys import ApiKeyUse
from .archive_entries import extend_archive, facts_of
from .articles import ArticleUse
from .audit_trail import extend_trail
from .base import Base
from .bulk import inserted, prepared
from .call_backs import CallBack
from .calls import Call, Leg
from .changes import forget_logged
from .contacts import Contact, ContactCustomer
from .fax_attempts import FaxAttempt
from .flow_walks import FlowWalk, NodeStay
from .foreign_calls import ForeignCallName, ForeignCallRecord
from .incidents import Incident
from .inserts import insert_into
from .interactions import Interaction
from .journal_files import Entry
from .lines import CallRefusal, LineUse, ServerStart
from .next_action_answers import NextActionAnswer
from .note_words import NoteWord
from .projection import project
from .queue_waits import QueueWait
from .ratings import Rating
from .recording_masks import RecordingMask
from .recordings import Recording
from .rows import Kept, Key, Row, Rows
from .segments import Segment
from .sessions import Session
from .stored_events import StoredEvent

SET_ONCE: dict[type[Base], set[str]] = {
    Call: {"contact_id", "arrived_at"},
    Leg: {"call_id"},
    Contact: {"caller_number", "arrived_at"},
    Interaction: {"contact_id", "agent_id", "offered_at"},
    Segment: {"contact_id", "agent_id", "started_at"},
    QueueWait: {"joined_at"},
    FlowWalk: {"began_at"},
    NodeStay: {"flow", "entered_at"},
    AgentStatus: set(),
    AgentStatePeriod: {"agent_id", "started_at"},
    Recording: {"contact_id", "agent_id", "queue"},
    RecordingMask: {"contact_id"},
    ForeignCallRecord: set(),
    ForeignCallName: {"recording_id"},
    CallBack: {"queued_at"},
    Session: {"agent_id", "expires_at"},
    ApiKeyUse: set(),
    ArticleUse: set(),
    Incident: {"found_at"},
    Rating: set(),
    NextActionAnswer: set(),
    AgentMessage: {"agent_id", "sent_at", "contact_id"},
    NoteWord: set(),
    Alert: {"raised_at", "contact_id"},
    LineUse: {"taken_at"},
    CallRefusal: set(),
    ServerStart: set(),
    FaxAttempt: {"job_id", "contact_id", "customer_id"},
}
"""The records, and their indexed columns that the first event sets for good: SQLite rewrites an
index's entry whenever its column is assigned, be it the same value."""

_IDS_A_QUERY = 500
_NAMES = {kind: str(kind.__struct_config__.tag) for kind in get_args(Event)}


class Records:
    """
    Writes batches on a connection whose transaction the caller owns.

    A record's row is written whole, once a batch.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._kept = Kept()
        self._upserts = {record: prepared(_upsert, record, dialect) for record in SET_ONCE}
        self._events = prepared(inserted, StoredEvent, dialect)
        self._links = prepared(_link_once, ContactCustomer, dialect)

    def write(
        self, connection: Connection, batch: Sequence[Entry], *, derive: bool = True
    ) -> Rows | None:
        """
        Store the events and, if ``derive``, the records that follow from them.

        Returns what :meth:`committed` is to be told after the commit.
        """
        self._events.execute(connection, [_event_row(entry) for entry in batch])
        events = (entry.logged.event for entry in batch)
        forget_logged(
            connection, [event.change_id for event in events if isinstance(event, CommittedEvent)]
        )
        extend_trail(connection, (entry.logged for entry in batch))
        if not derive:
            return None
        rows = self._project(connection, batch)
        extend_archive(connection, facts_of((entry.logged for entry in batch), rows))
        by_table: defaultdict[type[Base], list[Row]] = defaultdict(list)
        for (table, _), row in rows.changed.items():
            by_table[table].append(row)
        for table in SET_ONCE:
            if table in by_table:
                self._upserts[table].execute(connection, by_table[table])
        if rows.links:
            self._link(connection, rows)
        return rows

    def committed(self, rows: Rows | None) -> None:
        if rows is not None:
            self._kept.keep(rows.changed)

    def forget(self) -> None:
        """The database may not have what this remembers of it: read it again."""
        self._kept.forget()

    def _link(self, connection: Connection, rows: Rows) -> None:
        links = [
            {"contact_id": contact_id, "customer_id": customer_id, "arrived_at": arrived_at}
            for (contact_id, customer_id), arrived_at in rows.links.items()
        ]
        if made := [link for link in links if link["arrived_at"] is not None]:
            self._links.execute(connection, made)
        for link in links:
            if link["arrived_at"] is None:
                connection.execute(
                    delete(ContactCustomer).where(
                        ContactCustomer.customer_id == link["customer_id"],
                        ContactCustomer.contact_id == link["contact_id"],
                    )
                )

    def _project(self, connection: Connection, batch: Sequence[Entry]) -> Rows:
        """Project until every row that is asked for was loaded or is known to be nowhere."""
        events = [entry.logged for entry in batch]
        loaded: dict[Key, Row | None] = {}
        while True:
            rows = Rows(self._kept, loaded)
            project(rows, events)
            if not rows.missing:
                return rows
            loaded |= dict.fromkeys(rows.missing)
            loaded |= _load(connection, rows.missing)


def _event_row(entry: Entry) -> dict[str, Any]:
    logged = entry.logged
    return {
        "sequence": logged.sequence,
        "at": logged.at,
        "name": _NAMES[type(logged.event)],
        "call_id": getattr(logged.event, "call_id", None),
        "contact_id": getattr(logged.event, "contact_id", None),
        "payload": entry.payload,
    }


def _load(connection: Connection, keys: Iterable[Key]) -> dict[Key, Row]:
    ids: defaultdict[type[Base], list[Any]] = defaultdict(list)
    for table, id in keys:
        ids[table].append(id)
    found: dict[Key, Row] = {}
    for table, wanted in ids.items():
        [key] = _table(table).primary_key
        for start in range(0, len(wanted), _IDS_A_QUERY):
            some = wanted[start : start + _IDS_A_QUERY]
            result = connection.execute(
                select(_table(table)).where(key.in_(some))  # one query for hundreds
            )
            found |= {(table, row[key.name]): dict(row) for row in result.mappings()}
    return found


def _table(record: type[Base]) -> Table:
    return Base.metadata.tables[record.__tablename__]


def _link_once(record: type[Base], dialect: Dialect) -> Insert:
    return insert_into(record, dialect).on_conflict_do_nothing()


def _upsert(record: type[Base], dialect: Dialect) -> Insert:
    statement = insert_into(record, dialect)
    key = list(_table(record).primary_key)
    fixed = SET_ONCE[record] | {column.name for column in key}
    changing = {
        column.name: statement.excluded[column.name]
        for column in _table(record).columns
        if column.name not in fixed
    }
    return statement.on_conflict_do_update(index_elements=key, set_=changing)
