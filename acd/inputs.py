"""
What happens to the router, each as a value: whoever keeps them can let the same day happen again.

Each is named like the method of :class:`.Router` that it stands for, and is tagged with it when it
is written down. ``now`` is no part of them: it is given when they are applied.
"""

import re
from datetime import datetime, timedelta

import msgspec

from .effects import Effect
from .model import AgentId, AgentState, ContactId, OfferId, WaitingContact
from .profile import Profile
from .queue import Queue
from .router import Router
from .tally import Shift


def _method(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


class _Input(msgspec.Struct, frozen=True, omit_defaults=True, tag=_method):
    pass


# --- queues -----------------------------------------------------------------------------------


class PutQueue(_Input, frozen=True):
    queue: Queue

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.put_queue(self.queue, now)


class RemoveQueue(_Input, frozen=True):
    name: str

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.remove_queue(self.name, now)


# --- agents -----------------------------------------------------------------------------------


class PutAgent(_Input, frozen=True):
    agent_id: AgentId
    profile: Profile
    always_ready: bool = False

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.put_agent(self.agent_id, self.profile, now, always_ready=self.always_ready)


class SetOpenWork(_Input, frozen=True):
    agent_id: AgentId
    open_work: int

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        router.set_open_work(self.agent_id, self.open_work)
        return []


class RemoveAgent(_Input, frozen=True):
    agent_id: AgentId

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.remove_agent(self.agent_id, now)


class Restore(_Input, frozen=True):
    agent_id: AgentId
    state: AgentState
    since: datetime
    reason: str | None = None
    shift: Shift | None = None

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.restore(self.agent_id, self.state, self.since, self.reason, now, self.shift)


class LogIn(_Input, frozen=True):
    agent_id: AgentId

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.log_in(self.agent_id, now)


class LogOut(_Input, frozen=True):
    agent_id: AgentId
    give_back: bool = False

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.log_out(self.agent_id, now, give_back=self.give_back)


class SetReady(_Input, frozen=True):
    agent_id: AgentId

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.set_ready(self.agent_id, now)


class SetNotReady(_Input, frozen=True):
    agent_id: AgentId
    reason: str | None = None

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.set_not_ready(self.agent_id, self.reason, now)


class EndWrapUp(_Input, frozen=True):
    agent_id: AgentId

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.end_wrap_up(self.agent_id, now)


class ExtendWrapUp(_Input, frozen=True):
    agent_id: AgentId
    by: timedelta

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.extend_wrap_up(self.agent_id, self.by, now)


class RequireDisposition(_Input, frozen=True):
    queue: str
    required: bool

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.require_disposition(self.queue, self.required, now)


class DispositionRecorded(_Input, frozen=True):
    offer_id: OfferId

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.disposition_recorded(self.offer_id, now)


class ReachableAgain(_Input, frozen=True):
    agent_id: AgentId

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.reachable_again(self.agent_id, now)


class PhoneLost(_Input, frozen=True):
    agent_id: AgentId

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.phone_lost(self.agent_id, now)


class SetFitness(_Input, frozen=True):
    agent_id: AgentId
    unfit: tuple[str, ...]
    voiceless: tuple[str, ...] = ()

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.set_fitness(self.agent_id, self.unfit, now, voiceless=self.voiceless)


# --- contacts ---------------------------------------------------------------------------------


class Enqueue(_Input, frozen=True):
    contact: WaitingContact
    returning: bool = False
    lost_by: AgentId | None = None

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.enqueue(self.contact, now, returning=self.returning, lost_by=self.lost_by)


class OfferTo(_Input, frozen=True):
    agent_id: AgentId
    contact: WaitingContact

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.offer_to(self.agent_id, self.contact, now)


class Resume(_Input, frozen=True):
    agent_id: AgentId
    contact: WaitingContact
    offer_id: OfferId

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.resume(self.agent_id, self.contact, self.offer_id, now)


class TakeOver(_Input, frozen=True):
    agent_id: AgentId
    contact: WaitingContact
    taken_from: str

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.take_over(self.agent_id, self.contact, self.taken_from, now)


class Withdraw(_Input, frozen=True):
    contact_id: ContactId

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.withdraw(self.contact_id, now)


# --- offers -----------------------------------------------------------------------------------


class Accept(_Input, frozen=True):
    offer_id: OfferId

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.accept(self.offer_id, now)


class Decline(_Input, frozen=True):
    offer_id: OfferId

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.decline(self.offer_id, now)


class Unreachable(_Input, frozen=True):
    offer_id: OfferId

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.unreachable(self.offer_id, now)


class StartRinging(_Input, frozen=True):
    offer_id: OfferId

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        router.start_ringing(self.offer_id, now)
        return []


class EndInteraction(_Input, frozen=True):
    offer_id: OfferId
    ended_by: str
    met: bool = True

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.end_interaction(self.offer_id, now, self.ended_by, met=self.met)


class GiveBack(_Input, frozen=True):
    offer_id: OfferId
    lost_by: AgentId | None = None

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.give_back(self.offer_id, now, lost_by=self.lost_by)


# --- repairs ----------------------------------------------------------------------------------


class Release(_Input, frozen=True):
    agent_id: AgentId
    reason: str

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.release(self.agent_id, self.reason, now)


class DropOffer(_Input, frozen=True):
    offer_id: OfferId

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.drop_offer(self.offer_id, now)


class WaitAgain(_Input, frozen=True):
    contact_id: ContactId

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.wait_again(self.contact_id, now)


class LineUp(_Input, frozen=True):
    agent_id: AgentId

    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.line_up(self.agent_id, now)


# --- time -------------------------------------------------------------------------------------


class HandleTimer(_Input, frozen=True):
    def apply(self, router: Router, now: datetime) -> list[Effect]:
        return router.handle_timer(now)


Input = (
    PutQueue
    | RemoveQueue
    | PutAgent
    | SetOpenWork
    | RemoveAgent
    | Restore
    | LogIn
    | LogOut
    | SetReady
    | SetNotReady
    | EndWrapUp
    | ExtendWrapUp
    | RequireDisposition
    | DispositionRecorded
    | ReachableAgain
    | PhoneLost
    | SetFitness
    | Enqueue
    | OfferTo
    | Resume
    | TakeOver
    | Withdraw
    | Accept
    | Decline
    | Unreachable
    | StartRinging
    | EndInteraction
    | GiveBack
    | Release
    | DropOffer
    | WaitAgain
    | LineUp
    | HandleTimer
)
"""Whoever adds a method to the router that changes something adds its input here."""


def name_of(happened: Input) -> str:
    """The router's method."""
    return _method(type(happened).__name__)


def apply(router: Router, happened: Input, now: datetime) -> list[Effect]:
    """Let it happen to the router; what came of it. What it refuses has changed nothing."""
    return happened.apply(router, now)
