"""
What the warehouse's rows become by each event. Pure: a fold of the log over rows.

The same events give the same rows, keys included, in whatever batches they come: so the whole can
be made anew from the log.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from cti_server.store.base import Base
from cti_server.store.warehouse import (
    ContactFact,
    DispositionFact,
    EventFact,
    OrderFact,
    PromotionFact,
    TicketFact,
)
from cti_server.wire import events
from cti_server.wire.event_names import name_of
from cti_server.wire.events import CustomerFacts, Logged, RecordChanged
from cti_server.wire.personal import redacted

Row = dict[str, Any]

_DESCRIPTION = ("kind", "tier", "language", "team", "merged_into")
_OF_RECORDS: Mapping[str, tuple[type[Base], str]] = {
    "order": (OrderFact, "order_id"),
    "ticket": (TicketFact, "ticket_id"),
    "disposition": (DispositionFact, "interaction_id"),
}
_CONSENTS = {"consented", "refused"}
_PROMOTIONS = {"campaign_member": "campaign", "care_occasion": "care"}
_encode = msgspec.json.Encoder().encode


def customers_in(batch: Iterable[Logged]) -> set[str]:
    """Whose versions are to be known before the batch is taken."""
    found: set[str] = set()
    for logged in batch:
        match logged.event:
            case events.CustomersDescribed(customers=customers):
                found.update(each.id for each in customers)
            case event:
                found.update(filter(None, [_customer_of(event)]))
    return found


def contacts_in(batch: Iterable[Logged]) -> set[str]:
    return {found for logged in batch if (found := _contact_of(logged.event)) is not None}


@dataclass(slots=True)
class Star:
    """
    The rows that a batch adds and changes.

    ``customers``: the current version by id, ``contacts``: by id, both of those that the batch
    names; ``next_key`` is the first that no version has.
    """

    customers: dict[str, Row]
    contacts: dict[str, Row]
    next_key: int
    added: dict[type[Base], list[Row]] = field(default_factory=dict)
    versions: dict[int, Row] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    """Contacts."""
    regrouped: set[str] = field(default_factory=set)
    """Customers who are new, were merged into another, or are no more."""

    def take(self, batch: Sequence[Logged]) -> None:
        for logged in batch:
            self._take(logged)

    def _take(self, logged: Logged) -> None:
        match logged.event:
            case events.CustomersDescribed(customers=customers):
                for each in customers:
                    self._describe(each, logged)
            case RecordChanged(record="customer", record_id=customer_id) as event:
                self._change(customer_id, event, logged)
        key = self._key_of(logged)
        self._follow(logged, key)
        if key is None and (contact := self.contacts.get(_contact_of(logged.event) or "")):
            key = contact["customer_key"]
        self._add(EventFact, logged, key, _event_row(logged.event))
        self._add_typed(logged, key)

    def _add(self, table: type[Base], logged: Logged, key: int | None, row: Row) -> None:
        fact = {"sequence": logged.sequence, "at": logged.at, "customer_key": key, **row}
        self.added.setdefault(table, []).append(fact)

    # --- the customer dimension ---------------------------------------------------------------

    def _describe(self, facts: CustomerFacts, logged: Logged) -> None:
        """Take what was read of a customer, unless a change told of it already."""
        known = self.customers.get(facts.id)
        if known is None or (known["record_version"] or 0) < facts.version:
            described = {name: getattr(facts, name) for name in _DESCRIPTION}
            self._become(facts.id, described | {"record_version": facts.version}, logged)

    def _change(self, customer_id: str, event: RecordChanged, logged: Logged) -> None:
        new: Row = {name: event.facts.get(name) for name in _DESCRIPTION if name in event.facts}
        if new:
            new["record_version"] = event.facts.get("version")
        if event.action == "erased":
            new["erased"] = True
        self._become(customer_id, new, logged)

    def _become(self, customer_id: str, new: Row, logged: Logged) -> None:
        """Begin a new version if it says anything else than the one before it."""
        known = self.customers.get(customer_id)
        if known is None:
            self._begin(customer_id, _UNKNOWN | new, logged, member=None)
        elif known["record_version"] is None and new:
            known |= new  # it had been heard of only: that is what it was all the time
            self.versions[known["key"]] = known
        elif any(known[name] != value for name, value in new.items() if name != "record_version"):
            known["valid_to"] = logged.at
            self.versions[known["key"]] = known
            row = {name: known[name] for name in _UNKNOWN} | new
            self._begin(customer_id, row, logged, member=known["member"])
            self.customers[customer_id]["survivor"] = known["survivor"]
        elif new:
            known |= new
            self.versions[known["key"]] = known
        if new.get("merged_into") or (known and known["merged_into"]):
            self.regrouped.add(customer_id)

    def _begin(self, customer_id: str, row: Row, logged: Logged, *, member: int | None) -> None:
        key = self.next_key
        self.next_key += 1
        version = {
            **row,
            "key": key,
            "member": member or key,
            "survivor": member or key,
            "customer_id": customer_id,
            "sequence": logged.sequence,
            "valid_from": logged.at,
            "valid_to": None,
        }
        self.customers[customer_id] = self.versions[key] = version
        if member is None:
            self.regrouped.add(customer_id)

    def _key_of(self, logged: Logged) -> int | None:
        """Of the customer whom the event names, who may not have been heard of before."""
        customer_id = _customer_of(logged.event)
        if customer_id is None:
            return None
        if customer_id not in self.customers:
            self._begin(customer_id, dict(_UNKNOWN), logged, member=None)
        return int(self.customers[customer_id]["key"])

    # --- facts --------------------------------------------------------------------------------

    def _add_typed(self, logged: Logged, key: int | None) -> None:
        event = logged.event
        if (promotion := _promotion(event)) is not None:
            self._add(PromotionFact, logged, key, promotion)
        elif isinstance(event, RecordChanged) and event.record in _OF_RECORDS:
            table, id_name = _OF_RECORDS[event.record]
            row = {id_name: event.record_id, "action": event.action}
            columns = Base.metadata.tables[table.__tablename__].columns.keys()
            for name in columns:
                if name not in {"sequence", "at", "customer_key", *row}:
                    row[name] = event.facts.get(name)  # type: ignore[assignment]
            self._add(table, logged, key, row)

    def _follow(self, logged: Logged, key: int | None) -> None:
        """A contact's one row."""
        event, at = logged.event, logged.at
        if isinstance(event, events.CallArrived | events.CallPlaced):
            self.contacts[event.contact_id] = _new_contact(event, logged)
        contact = self.contacts.get(_contact_of(event) or "")
        if contact is None or isinstance(event, RecordChanged):
            return
        contact["last_sequence"] = logged.sequence
        self.touched.add(contact["contact_id"])
        match event:
            case events.CustomerMatched() | events.CustomerChosen():
                contact["customer_key"] = key
            case events.NodeEntered(flow=flow, whole=whole):
                contact["flow"] = contact["flow"] or whole or flow
            case events.ContactQueued(purpose="serve", queue=queue, queued_at=queued_at):
                contact["queue"] = queue
                contact["queued_at"] = contact["queued_at"] or queued_at
            case events.OfferMade(purpose="serve"):
                contact["offers"] += 1
            case events.InteractionStarted(agent_id=agent_id) if contact["connected_at"] is None:
                contact |= {"agent_id": agent_id, "connected_at": at}
                contact["wait_seconds"] = _seconds(contact["queued_at"], at)
            case events.ContactEnded(outcome=outcome, reason=reason):
                contact |= {"ended_at": at, "outcome": outcome, "reason": reason}
                if contact["connected_at"] is None:
                    contact["wait_seconds"] = _seconds(contact["queued_at"], at)


_UNKNOWN: Row = {**dict.fromkeys(_DESCRIPTION), "record_version": None, "erased": False}


def _customer_of(event: events.Event) -> str | None:
    match event:
        case RecordChanged(record="customer" | "campaign_member", record_id=customer_id):
            return customer_id
        case RecordChanged(facts={"customer_id": str(customer_id)}):
            return customer_id
        case events.CustomerMatched(customer_ids=[customer_id]):
            return customer_id
        case events.CustomerChosen() | events.OutreachRefused():
            return event.customer_id or None
        case _:
            return None


def _contact_of(event: events.Event) -> str | None:
    if isinstance(event, RecordChanged):
        found = event.facts.get("contact_id")
        return found if isinstance(found, str) else None
    return getattr(event, "contact_id", None)


def _event_row(event: events.Event) -> Row:
    changed = event if isinstance(event, RecordChanged) else None
    return {
        "name": name_of(event),
        "record": getattr(event, "record", None),
        "record_id": getattr(event, "record_id", None),
        "action": changed.action if changed else None,
        "contact_id": _contact_of(event),
        "agent_id": changed.changed_by if changed else getattr(event, "agent_id", None),
        "queue": changed.facts.get("queue") if changed else getattr(event, "queue", None),
        "details": _encode(redacted(event)).decode(),
    }


def _promotion(event: events.Event) -> Row | None:
    row: Row = dict.fromkeys(
        ("channel", "purpose", "campaign_id", "contact_id", "response", "rating")
    )
    match event:
        case RecordChanged(record="customer", action=action) if action in _CONSENTS:
            _, channel, purpose = (event.fields or ["consents.."])[0].split(".", 2)
            return row | {
                "kind": "consent",
                "channel": channel,
                "purpose": purpose,
                "outcome": action,
            }
        case RecordChanged(record=record, action=action) if record in _PROMOTIONS:
            told = {name: event.facts[name] for name in row if name in event.facts}
            return row | told | {"kind": _PROMOTIONS[record], "outcome": action}
        case events.OutreachRefused(channel=channel, purpose=purpose, cause=cause):
            return row | {
                "kind": "outreach",
                "channel": channel,
                "purpose": purpose,
                "outcome": cause,
            }
        case _:
            return None


def _new_contact(event: events.CallArrived | events.CallPlaced, logged: Logged) -> Row:
    placed = event if isinstance(event, events.CallPlaced) else None
    row: Row = dict.fromkeys(Base.metadata.tables[ContactFact.__tablename__].columns.keys())
    return row | {
        "contact_id": event.contact_id,
        "first_sequence": logged.sequence,
        "last_sequence": logged.sequence,
        "channel": "voice",
        "direction": "outbound" if placed else "inbound",
        "arrived_at": logged.at,
        "queue": placed.queue if placed else None,
        "queued_at": placed.queued_at if placed else None,
        "offers": 0,
    }


def _seconds(since: datetime | None, until: datetime) -> float | None:
    return None if since is None else max(0.0, (until - since).total_seconds())
