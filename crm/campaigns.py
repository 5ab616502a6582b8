"""
Campaigns: whom one means, what may happen to it and to each of its members. Pure.

Members are found by conditions over what is known of customers, the same that advise agents
(:mod:`crm.next_action`). Wishes are asked twice: when members are found, and when one is to be
called; who declines is kept in the list, with the reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from .consents import Refusal
from .errors import NotNow
from .next_action import Fact

State = Literal["draft", "selecting", "ready", "running", "paused", "ended"]
MemberState = Literal["due", "tried", "responded", "refused", "excluded"]
Response = Literal["positive", "negative", "neutral", "again"]

TABLE: Mapping[str, Mapping[str, State]] = {
    "draft": {"select": "selecting", "end": "ended"},
    "selecting": {"end": "ended"},
    "ready": {"select": "selecting", "start": "running", "end": "ended"},
    "running": {"pause": "paused", "end": "ended"},
    "paused": {"select": "selecting", "start": "running", "end": "ended"},
    "ended": {},
}

FACTS: Mapping[str, type] = {
    "tier": str,
    "kind": str,
    "language": str,
    "company": str,
    "tags": list,
    "owner_id": str,
    "team": str,
    "open_tickets": int,
    "contacts": int,
    "days_since_contact": int,
    "days_known": int,
}
"""What a selection may ask for, beside ``attributes.<field>``: the centre's own fields."""


class IllegalCampaignStep(NotNow):
    def __init__(self, state: str, step: str) -> None:
        super().__init__(f"a campaign that is {state!r} cannot {step}")


class NotDue(NotNow):
    """The member is not to be called now: the message says why."""


def stepped(state: str, step: str) -> State:
    """Raises IllegalCampaignStep."""
    to = TABLE[state].get(step)
    if to is None:
        raise IllegalCampaignStep(state, step)
    return to


@dataclass(frozen=True, slots=True)
class Known:
    """What is counted of a customer, beside the record."""

    open_tickets: int = 0
    contacts: int = 0
    last_contact_at: datetime | None = None


def facts(
    record: Mapping[str, Fact], created_at: datetime, known: Known, now: datetime
) -> dict[str, Fact]:
    """``record``: the columns and ``attributes.<field>``. Who was never in touch has no days."""
    counted: dict[str, Fact] = {
        "open_tickets": known.open_tickets,
        "contacts": known.contacts,
        "days_known": (now - created_at).days,
    }
    if known.last_contact_at is not None:
        counted["days_since_contact"] = (now - known.last_contact_at).days
    return {**record, **counted}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member is: when to be called next, if at all, and why not."""

    state: MemberState
    next_at: datetime | None
    cause: str | None = None


def judged(refusal: Refusal | None, now: datetime) -> Standing:
    """
    A member by what they wish: quiet hours are waited for, any other refusal is one.

    Hours that never end are a refusal, too.
    """
    if refusal is None:
        return Standing("due", now)
    if refusal.until is not None:
        return Standing("due", refusal.until, refusal.cause)
    return Standing("refused", None, refusal.cause)


def tried(attempts: int, most: int, retry_after: timedelta, now: datetime) -> Standing:
    """After this many attempts: once more later, or not again."""
    return Standing("tried", now + retry_after if attempts < most else None)


def responded(
    response: Response, attempts: int, most: int, retry_after: timedelta, now: datetime
) -> Standing:
    """After what the member said; "again": they want to be called once more, if that may be."""
    if response == "again":
        return tried(attempts, most, retry_after, now)
    return Standing("responded", None)


def check_due(
    campaign: str,
    member: Standing,
    now: datetime,
    *,
    starts_at: datetime | None,
    ends_at: datetime | None,
) -> None:
    """Raises NotDue."""
    if campaign != "running":
        raise NotDue(f"the campaign is {campaign}")
    if not in_period(now, starts_at, ends_at):
        raise NotDue("the campaign's period has not begun, or is over")
    if member.state not in {"due", "tried"} or member.next_at is None:
        raise NotDue(
            f"the member is {member.state}" + (f": {member.cause}" if member.cause else "")
        )
    if member.next_at > now:
        raise NotDue(f"the member is to be called from {member.next_at.isoformat()} on")


def in_period(now: datetime, starts_at: datetime | None, ends_at: datetime | None) -> bool:
    return (starts_at is None or starts_at <= now) and (ends_at is None or now < ends_at)
