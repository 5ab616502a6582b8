"""How each fault is put right: by a verb of whoever owns what is wrong."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from acd.errors import AcdError
from acd.invariants import Breach, Fault
from acd.model import SELF_CHECK
from cti_server.calls import termination
from cti_server.calls.call import Call
from cti_server.calls.errors import NoSuchCall
from cti_server.calls.leg import Leg
from cti_server.media.media_leg import MediaLeg
from cti_server.media.worker_reports import LegQuality
from cti_server.sip.invite_session import InviteSession

from .calls import CallFault, RunningCalls


class Floor(Protocol):
    """The verbs of :class:`cti_server.floor.floor.Floor` that put something right."""

    def release(self, agent_id: str, reason: str) -> None: ...

    def line_up(self, agent_id: str) -> None: ...

    def end_wrap_up(self, agent_id: str) -> None: ...

    def set_ready(self, agent_id: str) -> None: ...

    def decline(self, offer_id: str) -> None: ...

    def drop_offer(self, offer_id: str) -> None: ...

    def wait_again(self, contact_id: str) -> None: ...

    def withdraw(self, contact_id: str) -> None: ...

    def give_back(self, offer_id: str) -> None: ...

    def end_interaction(self, offer_id: str, ended_by: str) -> None: ...


class Remedies:
    def __init__(self, floor: Floor, calls: RunningCalls) -> None:
        self._floor = floor
        self._calls = calls
        self._closing: set[asyncio.Task[LegQuality]] = set()

    async def close(self) -> None:
        """Wait for what was begun."""
        await asyncio.gather(*self._closing, return_exceptions=True)

    def apply(self, breach: Breach, item: object) -> str:
        """What was done, in a word; empty where there is nothing to be done."""
        if (action := _BY_THE_FLOOR.get(breach.kind)) is not None:
            word, verb = action
            return word if _done(lambda: verb(self._floor, breach)) else ""
        match breach.kind:
            case CallFault.CALL_WAITS_NOWHERE:
                return "wait_again" if _done(lambda: self._wait_again(breach)) else ""
            case CallFault.LEG_WITHOUT_DIALOG:
                return "let_go" if self._let_go(breach) else ""
            case CallFault.DIALOG_WITHOUT_LEG if isinstance(item, InviteSession):
                item.hang_up()
                return "hang_up"
            case CallFault.MEDIA_WITHOUT_LEG:
                return self._close_media(item)
        return ""

    def _wait_again(self, breach: Breach) -> None:
        searching = self._calls.call_of(breach.subject).control.searching
        if searching is not None:
            searching.wait_again()

    def _close_media(self, item: object) -> str:
        match item:
            case (MediaLeg() as media, _):
                closing = asyncio.create_task(media.close())
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)
                return "close_media"
        return ""

    def _let_go(self, breach: Breach) -> bool:
        legs = [one for one in self._legs(breach.contact_id) if one.id == breach.leg_id]
        for leg in legs:
            leg.let_go(termination.SESSION_GONE)
        return bool(legs)

    def _legs(self, contact_id: str | None) -> Iterable[Leg]:
        call = self._call(contact_id)
        return () if call is None else call.legs

    def _call(self, contact_id: str | None) -> Call | None:
        try:
            return self._calls.call_of(contact_id or "")
        except NoSuchCall:
            return None


def _done(verb: Callable[[], None]) -> bool:
    """Whether it was not refused: then it is another fault, or none any more."""
    try:
        verb()
    except (AcdError, NoSuchCall):
        return False
    return True


def _release(floor: Floor, breach: Breach) -> None:
    floor.release(breach.agent_id or breach.subject, SELF_CHECK)


def _end(floor: Floor, breach: Breach) -> None:
    floor.end_interaction(breach.subject, "system")


_Verb = Callable[[Floor, Breach], None]
_BY_THE_FLOOR: Mapping[str, tuple[str, _Verb]] = {
    Fault.BUSY_WITHOUT_OFFER: ("release", _release),
    Fault.OFFER_OF_THE_IDLE: ("release", _release),
    Fault.BESIDE_WITHOUT_OFFER: ("release", _release),
    Fault.RINGS_FOR_NOBODY: ("release", _release),
    Fault.OVER_CAPACITY: (
        "give_back",
        lambda floor, breach: floor.give_back(breach.interaction_id or ""),
    ),
    Fault.NOT_IN_LINE: ("line_up", lambda floor, breach: floor.line_up(breach.subject)),
    Fault.WRAP_UP_WITHOUT_END: (
        "end_wrap_up",
        lambda floor, breach: floor.end_wrap_up(breach.subject),
    ),
    Fault.REST_WITHOUT_END: ("set_ready", lambda floor, breach: floor.set_ready(breach.subject)),
    Fault.RESERVATION_EXPIRED: ("decline", lambda floor, breach: floor.decline(breach.subject)),
    Fault.NOT_HELD: ("drop_offer", lambda floor, breach: floor.drop_offer(breach.subject)),
    Fault.OFFERED_TO_NOBODY: (
        "wait_again",
        lambda floor, breach: floor.wait_again(breach.subject),
    ),
    Fault.PASSED_OVER: ("wait_again", lambda floor, breach: floor.wait_again(breach.subject)),
    Fault.TWO_OWNERS: ("withdraw", lambda floor, breach: floor.withdraw(breach.subject)),
    CallFault.INTERACTION_WITHOUT_CALL: ("end_interaction", _end),
    CallFault.TALKING_WITHOUT_LEG: ("end_interaction", _end),
    CallFault.WAITING_WITHOUT_CALL: (
        "withdraw",
        lambda floor, breach: floor.withdraw(breach.subject),
    ),
}
"""What is done, in a word, and the verb."""
