"""What is shown of a running call's legs. Reads the call, changes nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from cti_server.calls.call import Call
from cti_server.calls.leg import Leg
from cti_server.calls.parts import ARRIVING, RINGING
from cti_server.calls.sound import sound_of
from cti_server.calls.talk import Role, Voice
from cti_server.calls.verbs import standing
from cti_server.media.worker_reports import LegAccount
from cti_server.wire.channels import ChannelRole, ChannelView, Recorded

Account = Callable[[str], LegAccount | None]
_MODES: Final = {Voice.NONE: "monitor", Voice.COACH: "whisper", Voice.ALL: "barge"}
_ROLES: Final[dict[Role, ChannelRole]] = {
    Role.CUSTOMER: "customer",
    Role.AGENT: "agent",
    Role.EXPERT: "expert",
    Role.SUPERVISOR: "supervisor",
}


@dataclass(frozen=True, slots=True)
class CallRows:
    """
    One call's rows, and what decides who sees them.

    ``staff``: the agents who are in it, or rung for it. ``known``: the customer is one whom we
    know, or may be.
    """

    rows: tuple[ChannelView, ...]
    staff: frozenset[str]
    known: bool


@dataclass(frozen=True, slots=True)
class _Place:
    role: Role
    party: str | None
    state: str
    muted: bool = False


def rows_of(call: Call, account: Account) -> CallRows:
    """``account``: how a leg has been so far, by its id."""
    legs = [leg for leg in call.legs if leg.begun and not leg.over.is_set()]
    places = {leg.id: _place(call, leg) for leg in legs}
    return CallRows(
        rows=tuple(_row(call, leg, places[leg.id], account(leg.id)) for leg in legs),
        staff=_staff(places.values()),
        known=call.contact.known_customer.match != "none",
    )


def party_of(call: Call, leg_id: str) -> ChannelView | None:
    """Whose leg of a running call this is; None for one that has not begun, or is over."""
    leg = next((one for one in call.legs if one.id == leg_id), None)
    if leg is None or not leg.begun or leg.over.is_set():
        return None
    return _row(call, leg, _place(call, leg), None)


def staff_of(call: Call) -> frozenset[str]:
    """The agents who are in it, or rung for it."""
    return _staff(_place(call, leg) for leg in call.legs if leg.begun and not leg.over.is_set())


def _staff(places: Iterable[_Place]) -> frozenset[str]:
    staff = {place.party for place in places if place.role is Role.AGENT}
    return frozenset(agent for agent in staff if agent is not None)


def _row(call: Call, leg: Leg, place: _Place, account: LegAccount | None) -> ChannelView:
    contact = call.contact
    return ChannelView(
        leg_id=leg.id,
        contact_id=contact.id,
        call_id=call.id,
        role=_ROLES[place.role],
        direction="outbound" if contact.direction == "outbound" else "inbound",
        number=contact.caller_number,
        party=place.party,
        queue=_queue(call),
        state=place.state,
        muted=place.muted,
        began_at=contact.began_at,
        codec=leg.codec if leg.connected.is_set() else None,
        recording=_recording(call),
        listeners=call.supervision.listeners,
        loss=account.loss if account is not None else None,
        jitter_ms=account.jitter_ms if account is not None else None,
        mos=account.mos if account is not None else None,
    )


def _place(call: Call, leg: Leg) -> _Place:
    talk = call.conversation.talk
    if leg is call.caller:
        return _Place(Role.CUSTOMER, None, _customers_state(call))
    member = next((one for one in call.conversation.members if one.id == leg.id), None)
    if member is None or leg.id not in talk:
        return _coming(call, leg)
    party = talk[leg.id]
    if party.role is Role.SUPERVISOR:
        return _Place(Role.SUPERVISOR, member.name, _MODES[party.voice])
    if party.role is Role.AGENT:
        return _Place(Role.AGENT, member.name, standing(talk, leg.id).value, party.muted)
    state = "talking" if sound_of(talk).hears.get(leg.id) else "held"
    return _Place(party.role, member.name, state, party.muted)


def _coming(call: Call, leg: Leg) -> _Place:
    """Whose phone rings, or who has just picked up."""
    state = ARRIVING if leg.connected.is_set() else RINGING
    if call.supervision.rings(leg):
        return _Place(Role.SUPERVISOR, leg.agent_id, state)
    return _Place(Role.EXPERT if leg.agent_id is None else Role.AGENT, leg.agent_id, state)


def _customers_state(call: Call) -> str:
    conversation, customer = call.conversation, call.caller
    if not customer.connected.is_set():
        return RINGING if call.contact.direction == "outbound" else ARRIVING
    talk = conversation.talk
    if sound_of(talk).hears.get(customer.id):
        return "talking"
    if talk.others(customer.id):
        return "held"
    if conversation.arriving is not None:
        return ARRIVING
    waits = talk.errand is not None or call.control.searching is not None
    return "waiting" if waits else "menu"


def _queue(call: Call) -> str | None:
    """Whose agent serves the customer, or where they wait."""
    for member in call.conversation.members:
        if member.handling is not None:
            return member.handling.queue.name
    wish = call.contact.wish
    return wish.queue if wish is not None and call.control.searching is not None else None


def _recording(call: Call) -> Recorded:
    """With what a customer and a menu say before anybody is there."""
    if call.recording.recorded:
        return "masked" if call.recording.state == "masked" else "running"
    return "running" if call.menu_recording.under_way else "none"
