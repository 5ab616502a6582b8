"""
The open call-backs: who is to be called, who is calling whom, and what is to become of each.

Kept in memory, taken up from the records at the start; whatever changes is an event first. What
the ACD and the clock have to do with it is :mod:`.call_back_turns`.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from acd.errors import UnknownQueue
from config.call_backs import CallBackSettings
from config.floor import QueueSettings
from crm.call_backs import (
    ASKED,
    NOT_THE_CUSTOMERS,
    AttemptOutcome,
    Closing,
    after_attempt,
    place_since,
)
from crm.numbers import NumberKind, normalise
from cti_server.store.call_backs import CallBack
from cti_server.store.log import hears
from cti_server.wire.events import (
    CallArrived,
    CallBackAskedAgain,
    CallBackClosed,
    CallBackDialled,
    CallBackNotReached,
    CallBackQueued,
    CallBackRescheduled,
    CallBackWanted,
    CallPlaced,
    ContactEnded,
    Event,
    InteractionStarted,
    Logged,
)

from .call_back_index import CallBackIndex
from .engaged_lines import EngagedLines
from .errors import CallBackTaken, NoSuchCallBack
from .number_plan import NotANumber
from .open_call_back import OpenCallBack

SYSTEM = "system"
"""Who closed or postponed what nobody asked to be."""


class CallBacks:
    """All that are open. Methods are called on the event loop and never wait."""

    def __init__(
        self,
        append: Callable[[Event], object],
        *,
        now: Callable[[], datetime],
        queues: Mapping[str, QueueSettings],
        region: str,
        new_id: Callable[[], str],
    ) -> None:
        """``region``: where national numbers are from."""
        self.changed: Callable[[], None] = _nobody
        """Called when the turn of one of them is to be looked at."""
        self.waits_no_more: Callable[[OpenCallBack], None] = _nobody
        """Called when one must not be offered to agents any more, or not now."""
        self._append = append
        self._now = now
        self._queues = queues
        self._region = region
        self._new_id = new_id
        self._open = CallBackIndex()
        self._lines = EngagedLines()

    def take_up(self, stored: Iterable[CallBack]) -> None:
        """After a restart: all that the records have open, each with its first moment."""
        for row in stored:
            if row.id in self._open:
                continue
            one = OpenCallBack.stored(row, self._line(row.number))
            self._open.add(one)
            if row.dialling:
                one.contact_id = row.last_contact_id
                self.not_reached(one, "cut", row.last_agent_id or "")  # by the restart
                one.contact_id = None
            self.look_again(one)

    # --- what happens elsewhere ---------------------------------------------------------------

    @hears(
        CallBackWanted, CallBackClosed, CallArrived, CallPlaced, InteractionStarted, ContactEnded
    )
    def hear(self, logged: Logged) -> None:
        """For the log's subscribers."""
        match logged.event:
            case CallBackWanted() as event:
                self._opened(event, logged.at)
            case CallBackClosed(contact_id=call_back_id):
                self._forget(call_back_id)
            case CallArrived(contact_id=contact_id, caller_number=number):
                self._engage(contact_id, number)
            case CallPlaced(contact_id=contact_id, customer_number=number):
                self._engage(contact_id, number)
            case InteractionStarted() as event:
                self._spoken_with(event)
            case ContactEnded(contact_id=contact_id):
                self._disengage(contact_id)

    def _opened(self, event: CallBackWanted, at: datetime) -> None:
        if event.contact_id in self._open:
            return
        line = self._line(event.number)
        if (there := self._open.of(line, event.queue)) is not None:
            self._append(
                CallBackClosed(contact_id=event.contact_id, outcome="duplicate", closed_by=SYSTEM)
            )
            self._wanted_again(there, event, at)
            return
        one = OpenCallBack.wanted(event, line, at)
        self._open.add(one)
        self.look_again(one)

    def _wanted_again(self, there: OpenCallBack, event: CallBackWanted, at: datetime) -> None:
        """
        Who has one already wishes another time, or presses the key for one now.

        Or has lost the place once more, and the first one was left to people.
        """
        if event.wished and event.due_at is not None:
            with suppress(CallBackTaken):  # then it is sooner than that
                self.reschedule(there.id, event.due_at, event.asked_by or SYSTEM)
        elif event.reason == "asked" or (there.by_hand and event.due_at is None):
            self._asked_again(there, event, at)

    def _asked_again(self, one: OpenCallBack, event: CallBackWanted, at: datetime) -> None:
        """It is theirs by right from now on, at the better one of their places."""
        if not one.in_hand:
            self.waits_no_more(one)
        one.reason, one.due_at, one.wished_at, one.failed = event.reason, at, None, 0
        one.wanted_at, one.by_hand = at, False
        one.queued_at = min(one.queued_at, event.queued_at)
        one.priority = max(one.priority, event.priority)
        self._append(
            CallBackAskedAgain(
                contact_id=one.id,
                queued_at=one.queued_at,
                priority=one.priority,
                reason=one.reason,
            )
        )
        self.look_again(one)

    def _spoken_with(self, event: InteractionStarted) -> None:
        """The customer of a call-back, by its own call or another one."""
        if (one := self._open.of_contact(event.contact_id)) is not None:
            if self.is_open(one):
                self.close(one, "reached", event.agent_id)
        elif (line := self._lines.of(event.contact_id)) is not None:
            for there in self._open.of_line(line):
                # Who asked for a call by this queue wants one by this queue.
                if there.queue == event.queue or there.reason not in ASKED:
                    self._served(there)

    def _served(self, one: OpenCallBack) -> None:
        """By another call; one that rings the customer already ends as it may."""
        if not one.dialling and not self._clicked(one):
            self.waits_no_more(one)
        self.close(one, "served", SYSTEM)

    def _engage(self, contact_id: str, number: str) -> None:
        """Nobody calls a customer who is on the phone with us."""
        line = self._line(number)
        self._lines.begin(contact_id, line)
        for one in self._open.of_line(line):
            if one.contact_id != contact_id and not one.dialling and not self._clicked(one):
                self.waits_no_more(one)

    def _clicked(self, one: OpenCallBack) -> bool:
        """Whether an agent just did, and its call is still to begin."""
        return one.agent_id is not None and one.contact_id not in self._lines

    def _disengage(self, contact_id: str) -> None:
        if (line := self._lines.end(contact_id)) is not None:
            for one in self._open.of_line(line):
                self.look_again(one)

    # --- who is calling whom ------------------------------------------------------------------

    def get(self, call_back_id: str) -> OpenCallBack | None:
        return self._open.get(call_back_id)

    def need(self, call_back_id: str) -> OpenCallBack:
        """Raises NoSuchCallBack."""
        if (one := self._open.get(call_back_id)) is None:
            raise NoSuchCallBack(call_back_id)
        return one

    def of_contact(self, contact_id: str) -> OpenCallBack | None:
        """The one that waits or is called under this contact."""
        return self._open.of_contact(contact_id)

    def claim(self, call_back_id: str, agent_id: str, contact_id: str) -> OpenCallBack:
        """
        Take it for an agent who clicked, until :meth:`let_go`; ``contact_id``: of the call to come.

        Raises NoSuchCallBack and CallBackTaken.
        """
        one = self._need_free(call_back_id)
        self.waits_no_more(one)
        self._open.known_as(one, contact_id)
        one.agent_id = agent_id
        return one

    def queued(self, one: OpenCallBack, contact_id: str) -> None:
        """It waits for an agent from now on, as this contact."""
        self._open.known_as(one, contact_id)
        self._append(CallBackQueued(contact_id=one.id, new_contact_id=contact_id))

    def taken_back(self, one: OpenCallBack) -> None:
        """It does not wait any more, and nobody has it."""
        self._open.let_be(one)

    def dialled(self, one: OpenCallBack) -> None:
        """The customer is being rung."""
        one.dialling = True
        self._append(
            CallBackDialled(
                contact_id=one.id,
                new_contact_id=one.contact_id or "",
                dialled_by=one.agent_id or SYSTEM,
            )
        )

    def not_reached(self, one: OpenCallBack, outcome: AttemptOutcome, agent_id: str) -> None:
        """The customer was rung, and was not spoken with."""
        one.dialling = False
        if one.id not in self._open:
            return
        now, counted = self._now(), outcome not in NOT_THE_CUSTOMERS
        one.failed += counted
        due_at = after_attempt(self.settings_of(one.queue), outcome, one.failed, now)
        one.lost_by = agent_id if outcome == "agent_left" else None
        self._append(
            CallBackNotReached(
                contact_id=one.id,
                new_contact_id=one.contact_id or "",
                agent_id=agent_id,
                outcome=outcome,
                counted=counted,
                due_at=due_at,
            )
        )
        if due_at is None:
            self.close(one, "given_up", SYSTEM)
        else:
            one.due_at = due_at

    def let_go(self, one: OpenCallBack, contact_id: str) -> None:
        """The call of this contact is over; if nobody was reached the call-back stays open."""
        if one.contact_id != contact_id:
            return  # somebody else has it by now
        self.taken_back(one)
        self.look_again(one)

    # --- what becomes of it -------------------------------------------------------------------

    def ask(
        self,
        number: str,
        queue: str,
        *,
        asked_by: str,
        customer_id: str | None = None,
        language: str | None = None,
        wished_at: datetime | None = None,
    ) -> OpenCallBack:
        """
        Have a customer called back; the one that is open already, if there is one.

        Raises UnknownQueue and NotANumber.
        """
        if queue not in self._queues:
            raise UnknownQueue(queue)
        if normalise(number, self._region).kind in {NumberKind.NAME, NumberKind.WITHHELD}:
            raise NotANumber
        now = self._now()
        wished_at = None if wished_at is None else max(wished_at, now)
        wanted = CallBackWanted(
            contact_id=self._new_id(),
            number=number,
            queue=queue,
            queued_at=place_since(now, wished_at),
            reason="requested",
            language=language,
            customer_id=customer_id,
            due_at=wished_at,
            wished=wished_at is not None,
            asked_by=asked_by,
        )
        there = self._open.of(self._line(number), queue)
        if there is None:
            self._append(wanted)
            return self.need(wanted.contact_id)
        if there.by_hand and there.in_hand and wished_at is None:
            self._asked_again(there, wanted, now)  # should this attempt come to nothing
        elif wished_at is not None or there.by_hand:
            self.reschedule(there.id, wished_at or now, asked_by)
        return there

    def reschedule(self, call_back_id: str, due_at: datetime, by: str) -> OpenCallBack:
        """
        The customer wishes another time, now if it is past; the place stays.

        Raises NoSuchCallBack and CallBackTaken.
        """
        one = self._need_free(call_back_id)
        one.wished_at = due_at = max(due_at, self._now())
        one.by_hand = False
        self._move(one, due_at, "wished", by)
        self.look_again(one)
        return one

    def postpone(self, one: OpenCallBack, due_at: datetime, cause: str) -> None:
        """Nobody is called before then: it is nobody's wish, but a rule."""
        self._move(one, due_at, cause, SYSTEM)
        one.look_at = due_at

    def remove(self, call_back_id: str, removed_by: str) -> None:
        """It is not wanted any more. Raises NoSuchCallBack and CallBackTaken."""
        self.close(self._need_free(call_back_id), "removed", removed_by)

    def close(
        self, one: OpenCallBack, outcome: Closing, closed_by: str, cause: str | None = None
    ) -> None:
        self._append(
            CallBackClosed(contact_id=one.id, outcome=outcome, closed_by=closed_by, cause=cause)
        )

    def due(self, now: datetime) -> list[OpenCallBack]:
        """Those to look at, in the order in which the customers queued."""
        return self._open.due(now)

    def earliest(self) -> datetime | None:
        """When one is to be looked at next."""
        return self._open.earliest()

    def look_again(self, one: OpenCallBack) -> None:
        """Something happened to it that may have kept it from its turn."""
        if self.is_open(one):
            one.look_at = self._now()
            self.changed()

    def look_at_all(self) -> None:
        """What decides when customers are called has changed."""
        for one in self._open:
            one.look_at = self._now()
        self.changed()

    def engaged(self, one: OpenCallBack) -> bool:
        """Whether the customer is on the phone with us now."""
        return self._lines.engaged(one.line, but_for=one.contact_id)

    def is_open(self, one: OpenCallBack) -> bool:
        return one.id in self._open

    def settings_of(self, queue: str) -> CallBackSettings:
        """The usual ones if the queue is gone."""
        settings = self._queues.get(queue)
        return CallBackSettings() if settings is None else settings.call_backs

    # --- inside -------------------------------------------------------------------------------

    def _move(self, one: OpenCallBack, due_at: datetime, cause: str, by: str) -> None:
        self.waits_no_more(one)
        one.due_at = due_at
        self._append(
            CallBackRescheduled(contact_id=one.id, due_at=due_at, cause=cause, rescheduled_by=by)
        )

    def _forget(self, call_back_id: str) -> None:
        one = self._open.remove(call_back_id)
        if one is not None and not one.in_hand:
            self.waits_no_more(one)

    def _need_free(self, call_back_id: str) -> OpenCallBack:
        one = self.need(call_back_id)
        if one.agent_id is not None:
            raise CallBackTaken(call_back_id, one.agent_id)
        if one.dialling:
            raise CallBackTaken(call_back_id, SYSTEM)
        return one

    def _line(self, number: str) -> str:
        return normalise(number, self._region).text


def _nobody(*_: object) -> None:
    """Before anybody wants to hear of it."""
