"""One customer who serves themselves in writing: carries out what the walk says, as a call does."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from acd.model import Channel
from crm.numbers import NumberKind, normalise
from cti_server.calls.around import Around
from cti_server.calls.contact import Contact
from cti_server.calls.exchange import Exchange
from cti_server.channels.tray import Tray
from cti_server.walk_story import WalkStory
from cti_server.wire.events import ContactEnded, SelfServiceBegan
from ivr.actions import Answer, Ask, Enqueue, HangUp, LeftQueue, NoInput, NotConnected, Transfer
from ivr.inquiries import Inquiry
from ivr.model import Flow
from ivr.reading import Asked, Reader, SayInWriting, ends_in_silence
from ivr.reading import Turn as Page
from ivr.walk import LOST, Walk

from .handing_over import HandingOver
from .memory import Forgetful, Memory
from .model import Ended, Question, Wanted
from .nothing_heard import NothingHeard
from .sentences import sentence
from .transcript import HIDDEN, Line, Transcript

log = structlog.get_logger()

UNSEEN: Final = (Channel.WEB, Channel.CHAT)
"""Where a secret can be typed that nobody else sees."""
NUMBERS_ASKED: Final = 3
WAITING: Final = 4
"""Requests of one customer that wait for news at a time; more of them are answered at once."""
SHORTEST_AND_LONGEST: Final = (3, 24)  # a telephone number, in signs


class Session:
    """From the first line to the end of the flow, or until an agent has the contact."""

    def __init__(
        self,
        exchange: Exchange,
        tray: Tray,
        flow: Flow,
        wanted: Wanted,
        say: SayInWriting,
        *,
        contact_id: str,
        idle: float,
        number: str = "",
        memory: Memory | None = None,
    ) -> None:
        """
        ``idle``: seconds. ``number``: by which the customer is reached, if that is known.

        ``memory``: of one that outlives its server.
        """
        self.id = contact_id
        self.question: Question | None = None
        self.over = False
        self.end: Ended | None = None
        self._exchange = exchange
        self._handing_over = HandingOver(exchange, tray, wanted, contact_id)
        self._wanted = wanted
        self._idle = idle
        self._memory = memory or Forgetful()
        self._append = self._memory.once(exchange.append)
        known = {"caller_number": number, "dialled_number": "", "original_number": ""}
        self._walk = Walk(flow, known)
        self._reader = Reader(self._walk, say, wanted.language)
        self._story = WalkStory(self._walk, contact_id, self._append)
        self._contact = Contact(
            exchange,
            contact_id=contact_id,
            call_id="",
            caller_number=number,
            dialled_number="",
            language=self._walk.language,
            walk=self._walk,
        )
        self._contact.call_back = self._memory.past.call_back
        self._around = Around(exchange, self._contact, NothingHeard())
        self._lines = Transcript()
        self._gone = False
        self._answer: asyncio.Future[str | None] | None = None
        self._news = asyncio.Event()
        self._waiting = 0

    @property
    def language(self) -> str:
        """That the customer reads now."""
        return self._walk.language

    # --- what the front ends ask and say ------------------------------------------------------

    def lines(self, since: int) -> Sequence[Line]:
        return self._lines.since(since)

    async def settled(self, within: float) -> None:
        """Wait until the customer is asked something or it is over; so many seconds at most."""
        await self._until(lambda: self.question is not None or self.over, within)

    async def news(self, since: int, question: int | None, within: float) -> None:
        """
        Wait until there is a line after that one, another question, or the end.

        So many seconds at most.
        """
        if self._waiting >= WAITING:
            return
        await self._until(
            lambda: (
                len(self._lines) > since
                or self.over
                or question != (self.question.number if self.question else None)
            ),
            within,
        )

    def type(self, number: int, line: str) -> bool:
        """
        The customer's answer to the question of that number.

        False for one that is not open (any more): it changes nothing, so it may be sent twice.
        """
        asked, answer = self.question, self._answer
        if asked is None or answer is None or answer.done() or asked.number != number:
            return False
        self.question = None
        self._lines.add("customer", HIDDEN if asked.secret else line)
        answer.set_result(line)
        self._tell()
        return True

    def leave(self) -> None:
        """The customer wants nothing more, or has been here for too long."""
        self._gone, self.question = True, None
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(None)

    # --- its task -----------------------------------------------------------------------------

    async def run(self) -> None:
        """The session's net: whatever goes wrong ends this one, and no other."""
        structlog.contextvars.bind_contextvars(contact_id=self.id)
        end: Ended | None = Ended("failed", "server-stopped")
        try:
            end = await self._serve()
        except asyncio.CancelledError:
            if self._memory.outlives_server:
                end = None
            raise
        except Exception:
            log.exception("self_service.failed")
            end = Ended("failed", "internal-error")
            self._write(sentence("failed", self.language))
        finally:
            self._close(end)

    def _close(self, end: Ended | None) -> None:
        """None: it goes on another time."""
        self.question, self.end, self.over = None, end, end is not None
        if end is not None and not end.handed_over:
            self._append(ContactEnded(contact_id=self.id, outcome=end.outcome, reason=end.reason))
        self._tell()

    async def _serve(self) -> Ended:
        self._append(
            SelfServiceBegan(
                contact_id=self.id,
                channel=self._wanted.channel.value,
                service=self._wanted.service,
                language=self._wanted.language or self.language,
                address=self._contact.caller_number,
            )
        )
        await self._contact.look_up()
        return await self._lead(self._reader.advance())

    async def _lead(self, page: Page) -> Ended:
        """Through the flow, from what there is to read."""
        while True:
            self._story.go_on()
            self._write(*page.texts)
            match page.then:
                case Asked(secret=True) if self._wanted.channel not in UNSEEN:
                    self._story.left(None)
                    self._write(sentence("no_secret", self.language))
                    return Ended("transferred", "told-elsewhere")
                case Asked() as asked:
                    line = await self._answer_to(asked)
                    if line is None:
                        return self._left()
                    page = self._reader.typed(line)
                case Enqueue() as wish:
                    back = await self._memory.told()
                    there = back or await self._hand_over(wish)
                    if isinstance(there, Ended):
                        return there
                    if back is None:
                        await self._memory.keep(there)
                    page = self._reader.advance(there)
                case Transfer(target, returns):
                    self._story.left(page.then)
                    if not returns:
                        return self._told_to_call(target)
                    page = self._reader.advance(NotConnected())
                case HangUp(reason):
                    self._story.left(page.then)
                    return Ended("failed", reason) if reason in LOST else self._ended("flow-ended")
                case inquiry:
                    page = self._reader.advance(await self._reply(inquiry))

    async def _reply(self, inquiry: Inquiry) -> Answer:
        if (told := await self._memory.told()) is not None:
            return told
        await self._memory.asking(inquiry)
        reply = await self._around.reply(inquiry, self._memory.ticket_id)
        return await self._memory.keep(reply)

    def _ended(self, reason: str) -> Ended:
        wants_a_call = self._contact.call_back is not None
        return Ended("call_back" if wants_a_call else "self_served", reason)

    def _told_to_call(self, target: str) -> Ended:
        """Nobody is connected in writing: the customer calls."""
        number = normalise(target, self._exchange.region)
        if number.digits or number.kind is NumberKind.SHORT:
            self._write(sentence("call", self.language, number=number.text))
        else:
            self._write(sentence("nobody", self.language))
        return Ended("transferred", "told-number")

    def _left(self) -> Ended:
        """
        Who is gone is silent: a flow that ends by itself then, ends; in any other it is they
        who ended it.
        """
        if not ends_in_silence(self._walk):
            self._story.left(None)
            self._write(sentence("left", self.language))
            return self._ended("customer-left")
        page = self._reader.advance(NoInput())
        while isinstance(page.then, Asked):
            page = self._reader.advance(NoInput())
        self._story.go_on()
        self._story.left(page.then if isinstance(page.then, HangUp) else None)
        self._write(*page.texts)
        return self._ended("flow-ended")

    async def _hand_over(self, wish: Enqueue) -> Ended | LeftQueue:
        """To the agents of a queue; or back into the flow, where that takes nobody."""
        if self._memory.past.handed_over:
            self._write(sentence("handed_over", self.language))
            return Ended("handled", "handed-over", handed_over=True)
        if (way := self._handing_over.way_back(wish)) is not None:
            self._story.left(wish)
            return LeftQueue(way)
        number = await self._number()
        self._story.left(wish)
        if number is None:
            return Ended("abandoned", "customer-left")
        there = await self._handing_over.to_agents(
            wish, number, self._lines.for_agents(), self._walk.path
        )
        if isinstance(there, Ended):
            words = "handed_over" if there.handed_over else "nobody"
            self._write(sentence(words, self.language))
        return there

    async def _number(self) -> str | None:
        """By which the customer can be reached, empty if they give none; None who has left."""
        if self._contact.caller_number:
            return self._contact.caller_number
        asked = Asked("", (), True, False, SHORTEST_AND_LONGEST, Ask(()))
        self._write(sentence("number", self.language))
        for _ in range(NUMBERS_ASKED):
            line = await self._answer_to(asked)
            if line is None:
                return None
            number = normalise(line, self._exchange.region)
            if number.kind is NumberKind.INTERNATIONAL:
                return number.text
            self._write(sentence("no_number", self.language))
        return ""

    # --- lines --------------------------------------------------------------------------------

    async def _answer_to(self, asked: Asked) -> str | None:
        """None of one who has left, or answers nothing for too long."""
        if (line := self._memory.line()) is not None:
            self._lines.add("customer", line)
            return line
        if self._gone or self._memory.past.over:
            return None
        self._answer = asyncio.get_running_loop().create_future()
        self.question = Question.of(asked, len(self._lines))
        self._tell()
        try:
            async with asyncio.timeout(self._idle):
                return await self._answer
        except TimeoutError:
            return None
        finally:
            self.question = self._answer = None

    def _write(self, *texts: str) -> None:
        for text in texts:
            self._lines.add("service", text)
        self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _until(self, told: Callable[[], bool], within: float) -> None:
        self._waiting += 1
        try:
            async with asyncio.timeout(within):
                while not told():
                    await self._news.wait()
        except TimeoutError:
            return
        finally:
            self._waiting -= 1
