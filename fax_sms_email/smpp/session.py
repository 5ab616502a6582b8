"""
One bound connection to an SMS centre, as the one who sends and receives (ESME, SMPP 3.4).

A text that comes is answered when whoever takes it has said what to answer: kept first, then
acknowledged. A window bounds what is submitted and not answered; a peer that is silent is asked
(enquire_link), and given up when it says nothing to that either.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import smpp34
import structlog

from . import pdu
from .errors import LinkLost, Malformed, Refused
from .pdu import Account, Head

log = structlog.get_logger()

Taken = Callable[[Sequence[smpp34.DeliverSm]], Awaitable[Sequence[int]]]
"""What is done with what came; the command_status of each's answer."""

TOGETHER: Final = 50
"""Texts that are taken at the same time, where so many are there."""
WAITING: Final = 1000
"""Texts that came and are not seen to; the centre is told to come again with more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """In seconds."""

    connect: float = 10.0  # to be connected and bound
    answer: float = 30.0  # to anything that we ask
    silence: float = 30.0  # until we ask whether somebody is there


class Session:
    """Made by :func:`bound`. Its life is :meth:`run`; nothing is to be submitted before."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        taken: Taken,
        times: Times,
        window: int,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._taken = taken
        self._times = times
        self._window = asyncio.Semaphore(window)
        self._answers: dict[int, asyncio.Future[tuple[Head, bytes]]] = {}
        self._came: asyncio.Queue[tuple[Head, bytes]] = asyncio.Queue(WAITING)
        self._sequence = 0
        self._over = False

    async def run(self) -> None:
        """Until the connection is over. Raises LinkLost, or Malformed for a peer beyond reading."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read())
                group.create_task(self._keep_asking())
                group.create_task(self._take())
        except* (OSError, EOFError) as errors:
            raise LinkLost(type(errors.exceptions[0]).__name__) from None
        except* (LinkLost, Malformed) as errors:
            raise errors.exceptions[0] from None
        finally:
            self._end()

    async def bind(self, account: Account) -> None:
        """The first that is asked, before :meth:`run`. Raises Refused, Malformed, LinkLost."""
        try:
            async with asyncio.timeout(self._times.connect):
                self._writer.write(pdu.bind(account, self._next()))
                head, _ = await self._one()
        except (OSError, EOFError, TimeoutError) as error:
            raise LinkLost(f"no answer to the bind: {type(error).__name__}") from error
        if head.status != pdu.OK:
            raise Refused(head.status)
        if head.command != pdu.BIND_TRANSCEIVER | pdu.RESPONSE:
            raise Malformed(f"0x{head.command:08X} in answer to a bind")

    async def submit(self, message: smpp34.SubmitSm) -> str:
        """
        The centre's id of it. Raises Refused, and LinkLost where nobody knows whether it is there.
        """
        async with self._window:
            head, body = await self._ask(pdu.SUBMIT_SM, message.encode()[pdu.HEAD.size :])
        if head.status != pdu.OK:
            raise Refused(head.status)
        return pdu.message_id(body)

    async def unbind(self) -> None:
        """In good order, if the peer answers in time; over in any case."""
        with suppress(LinkLost, TimeoutError):
            async with asyncio.timeout(min(2.0, self._times.answer)):
                await self._ask(pdu.UNBIND, b"")
        self._end()

    async def _ask(self, command: int, body: bytes) -> tuple[Head, bytes]:
        if self._over:
            raise LinkLost("the connection is over")
        sequence = self._next()
        answer: asyncio.Future[tuple[Head, bytes]] = asyncio.get_running_loop().create_future()
        self._answers[sequence] = answer
        try:
            self._writer.write(pdu.packed(command, sequence, body=body))
            async with asyncio.timeout(self._times.answer):
                await self._writer.drain()
                return await answer
        except TimeoutError as error:
            raise LinkLost("no answer in time") from error
        except OSError as error:
            raise LinkLost(type(error).__name__) from error
        finally:
            del self._answers[sequence]

    async def _one(self) -> tuple[Head, bytes]:
        head = pdu.read_head(await self._reader.readexactly(pdu.HEAD.size))
        return head, await self._reader.readexactly(head.length - pdu.HEAD.size)

    async def _read(self) -> None:
        while True:
            head, body = await self._one()
            if head.is_response:
                self._answered(head, body)
            elif head.command == pdu.DELIVER_SM:
                self._put(head, body)
            elif head.command == pdu.ENQUIRE_LINK:
                self._writer.write(pdu.answer_to(head))
            elif head.command == pdu.UNBIND:
                self._writer.write(pdu.answer_to(head))
                raise LinkLost("unbound by the centre")
            else:
                log.warning("smpp.unknown_command", command=f"0x{head.command:08X}")
                self._writer.write(pdu.nack(head))

    def _answered(self, head: Head, body: bytes) -> None:
        """A late answer, to what was given up, is nobody's."""
        answer = self._answers.get(head.sequence)
        if answer is not None and not answer.done():
            answer.set_result((head, body))

    def _put(self, head: Head, body: bytes) -> None:
        try:
            self._came.put_nowait((head, body))
        except asyncio.QueueFull:
            self._writer.write(pdu.answer_to(head, pdu.QUEUE_FULL))

    async def _take(self) -> None:
        """In the order in which they came; what has come by now, together."""
        while True:
            came = [await self._came.get()]
            while not self._came.empty() and len(came) < TOGETHER:
                came.append(self._came.get_nowait())
            read = [(head, self._delivery(head, body)) for head, body in came]
            deliveries = [(head, deliver) for head, deliver in read if deliver is not None]
            statuses = await self._statuses([deliver for _, deliver in deliveries])
            for (head, _), status in zip(deliveries, statuses, strict=True):
                self._writer.write(pdu.answer_to(head, status))

    def _delivery(self, head: Head, body: bytes) -> smpp34.DeliverSm | None:
        """None for what is none, which is answered."""
        try:
            message = smpp34.decode(pdu.packed(head.command, head.sequence, head.status, body))
        except smpp34.SmppError as error:
            log.warning("smpp.malformed", reason=str(error))
            self._writer.write(pdu.answer_to(head, pdu.INVALID_LENGTH))
            return None
        if not isinstance(message, smpp34.DeliverSm):
            raise TypeError(f"a deliver_sm was read as {type(message).__name__}")
        return message

    async def _statuses(self, deliveries: Sequence[smpp34.DeliverSm]) -> Sequence[int]:
        """A fault of ours takes no connection down: it is told, and the centre comes again."""
        if not deliveries:
            return ()
        try:
            return await self._taken(deliveries)
        except Exception:
            log.exception("smpp.not_taken")
            return [pdu.TEMPORARY] * len(deliveries)

    async def _keep_asking(self) -> None:
        while True:
            await asyncio.sleep(self._times.silence)
            await self._ask(pdu.ENQUIRE_LINK, b"")

    def _next(self) -> int:
        self._sequence = pdu.after(self._sequence)
        return self._sequence

    def _end(self) -> None:
        self._over = True
        self._writer.close()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(LinkLost("the connection is over"))


async def bound(
    host: str,
    port: int,
    account: Account,
    taken: Taken,
    *,
    tls: ssl.SSLContext | None = None,
    times: Times | None = None,
    window: int = 10,
) -> Session:
    """Raises LinkLost where nobody answers, Refused for a bind that is refused, Malformed."""
    times = times or Times()
    try:
        async with asyncio.timeout(times.connect):
            reader, writer = await asyncio.open_connection(host, port, ssl=tls)
    except (OSError, TimeoutError) as error:
        raise LinkLost(f"no way to it: {type(error).__name__}") from error
    session = Session(reader, writer, taken, times, window)
    try:
        await session.bind(account)
    except BaseException:
        writer.close()
        raise
    return session
