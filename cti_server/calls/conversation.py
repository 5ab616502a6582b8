"""The people of a call: carries out on their legs what :mod:`.talk` says, until the call ends."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from . import talk as talks
from . import termination
from .contact import Contact
from .exchange import Exchange
from .first_of import first_of
from .handling import Handling
from .leg import Leg
from .member import Member, Requeue
from .sound import Sound, Tune, sound_of, together
from .spawning import Spawn
from .talk import Outlook, Party, Role, Room, Talk
from .termination import Over, Termination
from .verbs import standing

log = structlog.get_logger()


class Conversation:
    """
    Customer, agents, experts, and what they hear.

    Whoever changes the talk says so by :meth:`become`; everything else follows: the worker connects
    and plays, agents are freed, interactions start, pause and end, recordings begin.
    """

    def __init__(
        self,
        exchange: Exchange,
        contact: Contact,
        customer: Leg,
        spawn: Spawn,
        left: Callable[[Member], None],
    ) -> None:
        """``spawn`` runs work that ends with the call; ``left`` hears who hung up by themselves."""
        self._exchange = exchange
        self._contact = contact
        self._spawn = spawn
        self._left = left
        self.customer = customer
        self.talk = talks.joined(Talk(), Party(customer.id, Role.CUSTOMER))
        self._members: dict[str, Member] = {}
        self._sound = Sound()
        self._muted: set[str] = set()
        self._alone: asyncio.Future[Requeue] | None = None
        self._arriving: Member | None = None
        self._partings: set[asyncio.Task[None]] = set()
        self.on_changed: list[Callable[[], None]] = []
        """All called whenever people come, go or hear others than before."""
        self.waits = False
        """The customer is on the way back to a queue."""
        self.served: list[Handling] = []
        """By whom the customer has been served, in that order."""
        self.lingers: asyncio.Future[str] | None = None
        """What the customer still hears of an agent who has left: the recording has it, too."""
        customer.on_hold_changed = lambda: self._phone_held(customer)

    # --- who is there -------------------------------------------------------------------------

    @property
    def members(self) -> list[Member]:
        """Everybody but the customer."""
        return list(self._members.values())

    def agent(self, agent_id: str) -> Member | None:
        """The agent's part in the call."""
        for member in self._members.values():
            if member.role is Role.AGENT and member.name == agent_id:
                return member
        return None

    @property
    def arriving(self) -> Member | None:
        """Who has picked up, and is told whom they will talk with."""
        return self._arriving

    def member(self, leg_id: str) -> Member:
        return self._members[leg_id]

    def join(self, member: Member, *, party: Party | None = None) -> None:
        """Somebody comes to the customer, who was alone; a supervisor comes beside an agent."""
        self.admit(member, talks.joined(self.talk, party or Party(member.id, member.role)))

    def change_role(self, member: Member, talk: Talk) -> None:
        """Somebody who is in the call is another from now on: a supervisor takes it over."""
        self._members[member.id] = member
        self.become(talk, left_by="transfer")

    def admit(self, member: Member, talk: Talk, *, left_by: str = "transfer") -> None:
        """Somebody who is in this talk and was not before."""
        self.waits = False
        self._members[member.id] = member
        member.leg.on_hold_changed = lambda: self._phone_held(member.leg)
        if self._alone is None:
            self._alone = asyncio.get_running_loop().create_future()
        talk = talks.phone_held(talk, member.id, member.leg.held_by_phone)
        self.become(talk, left_by=left_by)
        self._spawn(self._watch(member))

    async def until_alone(self) -> Requeue:
        """Wait until the customer has to wait again. Raises Over when the call ends."""
        if self._alone is None:
            self._alone = asyncio.get_running_loop().create_future()
        try:
            return await self._alone
        finally:
            self._alone = None

    # --- changes ------------------------------------------------------------------------------

    def become(
        self,
        talk: Talk,
        *,
        left_by: str = "agent",
        requeue: Requeue | None = None,
        why: Termination = termination.AGENT_HUNG_UP,
    ) -> None:
        """
        The talk is this now.

        ``left_by`` is what ended the interactions of those who are in it no more. If nobody is left
        who could serve the customer, they wait again (``requeue``), or the call is over (``why``).
        """
        self.talk = talk
        alone = talks.outlook(talk) is Outlook.ALONE
        if requeue is not None and talks.without_agent(talk):
            alone = self.waits = True  # whoever barged in does not keep them from the queue
        if alone and requeue is None:
            self._conclude(why)
            return
        for leg_id in [one for one in self._members if one not in talk]:
            self._part(self._members.pop(leg_id), left_by)
        self._carry_sound()
        self._tell()
        if alone and requeue is not None and self._alone is not None and not self._alone.done():
            self._alone.set_result(requeue)

    def _conclude(self, why: Termination) -> None:
        """The last one has left: those who remain are hung up with the call."""
        if self._alone is not None and not self._alone.done():
            self._alone.set_exception(Over(why))

    def _phone_held(self, leg: Leg) -> None:
        """A key of a phone: hold, or resume."""
        if leg.id in self.talk:
            self.become_as(talks.phone_held(self.talk, leg.id, leg.held_by_phone))

    def become_as(self, talk: Talk) -> None:
        """The same people, hearing other things."""
        self.talk = talk
        self._carry_sound()
        self._tell()

    async def _watch(self, member: Member) -> None:
        await member.leg.over.wait()
        if member.id in self._members:
            self._left(member)

    def _part(self, member: Member, left_by: str) -> None:
        """They are in the call no more: their agent is free, their leg and recording put away."""
        if member.leg.over.is_set():
            left_by = "agent"
        member.leg.on_hold_changed = None
        self._exchange.plane.connect({member.leg.media: []})
        member.leg.let_go(termination.RELEASED)
        if member.handling is not None:
            member.handling.end(left_by)
        self._muted.discard(member.id)
        self._partings.add(asyncio.create_task(self._put_away(member)))

    async def _put_away(self, member: Member) -> None:
        if self.lingers is not None and not self.lingers.done():
            await member.leg.close(termination.RELEASED)
            await asyncio.wait([self.lingers])
        if member.handling is not None:
            await member.handling.stop_recording()
        await member.leg.close(termination.RELEASED)
        if member.handling is not None:
            member.handling.archive(self.customer)

    def dismiss(self, why: Termination) -> None:
        """Nobody serves the customer any more: all others leave, and the call goes on."""
        if (customer := self.talk.customer) is None:
            return
        self.talk = talks.joined(Talk(), Party(customer.id, Role.CUSTOMER))
        for leg_id in list(self._members):
            self._part(self._members.pop(leg_id), termination.ended_by(why))
        self._carry_sound()
        self._tell()

    # --- what is heard ------------------------------------------------------------------------

    def _carry_sound(self) -> None:
        before, now = self._sound, sound_of(self.talk)
        self._sound = now
        legs = {self.customer.id: self.customer} | {
            member.id: member.leg for member in self._members.values()
        }
        if changed := {
            legs[one].media: [legs[other].media for other in heard]
            for one, heard in now.hears.items()
            if set(heard) != set(before.hears.get(one, ()))
        }:
            self._exchange.plane.connect(changed)
        if talks.outlook(self.talk) is not Outlook.ALONE:  # else the queue's music plays
            for one, leg in legs.items():
                self._play(leg, before.tunes.get(one), now.tunes.get(one), now.hears.get(one, ()))
        for party in self.talk.parties:
            self._mute(legs[party.id], on=party.muted)

    def _play(self, leg: Leg, before: Tune | None, now: Tune | None, heard: Sequence[str]) -> None:
        if now is before:
            return
        if now is None:
            if not heard:  # whoever hears somebody hears no tune any more anyhow
                leg.media.stop_play()
            return
        prompts = self._exchange.prompts
        tune = prompts.ringing if now is Tune.RINGING else prompts.music
        leg.media.start_play([tune], repeat=True)

    def _mute(self, leg: Leg, *, on: bool) -> None:
        if on != (leg.id in self._muted):
            leg.media.mute(on)
            (self._muted.add if on else self._muted.discard)(leg.id)

    # --- what the log is told -----------------------------------------------------------------

    def _tell(self) -> None:
        customer = self.talk.customer
        for member in self._members.values():
            handling = member.handling
            if handling is None or member.id not in self.talk:
                continue
            party = self.talk[member.id]
            if not handling.started and party.room is Room.MAIN:
                self.served.append(handling)
                handling.start()
            if handling.wants_recording:
                self._spawn(handling.record(self.customer))
            if handling.started:
                apart = not together(self.talk, member.id)
                if apart and not handling.held:
                    handling.hold("caller" if customer is not None and customer.away else "agent")
                elif handling.held and not apart:
                    handling.resume()
            handling.show(standing(self.talk, member.id), muted=party.muted)
        for hear in self.on_changed:
            hear()

    # --- before and after ---------------------------------------------------------------------

    async def introduce(self, member: Member, handling: Handling) -> bool:
        """
        Tell the customer who serves them and the agent which queue it is (AC-07), at the same time.

        An agent whose phone picked up by itself hears a beep first. Ends early if the agent goes;
        whether the agent is still there.
        """
        prompts, language = self._exchange.prompts, self._contact.language
        number = self._exchange.floor.agent_number(handling.agent_id)
        to_agent = [prompts.beep] if member.leg.auto_answer else []
        if (whisper := prompts.whisper(handling.queue.name, language)) is not None:
            to_agent.append(whisper)
        said: list[tuple[Leg, list[Path]]] = []
        notice = handling.recording_notice() if handling.wants_a_notice else []
        to_customer = list(notice)
        if handling.queue.announce_agent and number:
            to_customer += prompts.agent(number, language)
        if to_customer:
            said.append((self.customer, to_customer))
        if to_agent:
            said.append((member.leg, to_agent))
        over = member.leg.over
        if said and not over.is_set():
            self._arriving = member
            await first_of(_say(said), over.wait())
            self._arriving = None
        if notice and over.is_set():
            handling.notice_cut_short()
        return not over.is_set()

    def discard(self, member: Member) -> None:
        """They picked up, and are not wanted any more, or were gone before they could be heard."""
        self._part(member, "agent")

    def end(self, why: Termination) -> None:
        """Everybody's agent is free: wrap-up begins, or the next contact."""
        if self._arriving is not None:
            self._members[self._arriving.id] = self._arriving
        for member in self._members.values():
            if member.handling is not None:
                member.handling.end(termination.ended_by(why))

    async def stop_recordings(self) -> None:
        handlings = [one.handling for one in self._members.values()]
        await asyncio.gather(*(one.stop_recording() for one in handlings if one is not None))

    async def archive(self) -> None:
        """All legs are closed: hand over the recordings, and wait for who left before."""
        for member in self._members.values():
            if member.handling is not None:
                member.handling.archive(self.customer)
        for result in await asyncio.gather(*self._partings, return_exceptions=True):
            if isinstance(result, BaseException):
                log.error("call.not_put_away", exc_info=result)


async def _say(said: Sequence[tuple[Leg, Sequence[Path]]]) -> None:
    """Each to each, at the same time, until all has been said."""
    async with asyncio.TaskGroup() as plays:
        for leg, files in said:
            plays.create_task(leg.media.play(files))
