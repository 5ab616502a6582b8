"""Records that people edit and read."""

import msgspec

from .base import BaseEvent, CommittedEvent


class CustomersImported(BaseEvent, frozen=True, kw_only=True, tag="customers.imported"):
    imported_by: str
    created: int
    updated: int
    refused: int


class RecordChanged(CommittedEvent, frozen=True, kw_only=True, tag="record.changed"):
    """
    Somebody changed a record: a customer, a ticket, an account.

    ``record`` is what kind, ``action`` what was done ("created", "updated", "merged" …), ``fields``
    the names of what changed. Values are in the record only: the log outlives a person's right to
    be forgotten. ``changed_by`` is an agent's id, an API key's or "system". ``agent_id``: whose
    desktop is to hear of it, because it was given to them or they are reminded of it. ``facts``:
    what figures are made of and is nobody's (states, words of ours, ids, sums), as it is now.
    """

    record: str
    record_id: str
    action: str
    changed_by: str
    fields: list[str] = msgspec.field(default_factory=list)
    agent_id: str | None = None
    facts: dict[str, str | int | float | bool | None] = msgspec.field(default_factory=dict)


class CustomerFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What ``facts`` would say of a customer; ``version`` is the record's."""

    id: str
    version: int
    kind: str
    tier: str
    language: str
    team: str | None = None
    merged_into: str | None = None


class CustomersDescribed(BaseEvent, frozen=True, kw_only=True, tag="customers.described"):
    """Customers as they are after an import, which tells of none of them by itself."""

    customers: list[CustomerFacts]


class RecordRead(BaseEvent, frozen=True, kw_only=True, tag="record.read"):
    """
    Somebody saw what is protected: a whole number, an export, another's notes.

    ``what`` names it ("numbers", "export" …); kept for the audit.
    """

    record: str
    record_id: str
    what: str
    read_by: str


class OutreachRefused(BaseEvent, frozen=True, kw_only=True, tag="outreach.refused"):
    """
    We were about to contact a customer who will not have it, or not now; nothing left.

    ``cause`` is a word of :mod:`crm.consents`; ``customer_id`` is empty where the number is
    nobody's and the purpose needs a consent.
    """

    customer_id: str
    channel: str
    purpose: str
    cause: str
    asked_by: str


class ArticleRead(BaseEvent, frozen=True, kw_only=True, tag="article.read"):
    """
    Somebody opened a published article of the knowledge base; its use is counted from this.

    ``number`` is the version's. ``contact_id``: the contact that it was opened for, if any.
    """

    article_id: str
    number: int
    read_by: str
    contact_id: str | None = None


AnyEditingEvent = (
    CustomersImported
    | CustomersDescribed
    | RecordChanged
    | RecordRead
    | OutreachRefused
    | ArticleRead
)
