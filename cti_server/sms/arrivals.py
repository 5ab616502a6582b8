"""
What SMS centres deliver: texts, whose parts are joined, and what became of those that we sent.

It is in the database when this answers, and only then the centre is told so. A centre that does not
hear our answer delivers it again, without a word that it is the same: a text may be taken twice,
and is never lost.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import smpp34
import structlog

from cti_server.clock import Clock
from cti_server.outbox.sms_delivery import tell_deliveries
from cti_server.store.changes import Change, Changes
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.outbox import SENT, OutboxJobs
from cti_server.store.sms_fragments import SmsFragment, SmsFragments
from cti_server.store.sms_parts import Receipted, SmsParts
from cti_server.tickets.edit import SYSTEM
from fax_sms_email.errors import TextRefused
from fax_sms_email.smpp import pdu
from fax_sms_email.smpp.receipts import read
from fax_sms_email.smpp.wording import Alphabet, Came, Piece, came, wording
from fax_sms_email.texts import ReceivedText

from .inbox import Inbox

log = structlog.get_logger()

LONGEST: Final = 2000  # signs of a text
_LEFT_OUT: Final = " […] "
"""In the place of parts that never came."""
_OPERATORS: Final = frozenset({"to"})


class Arrivals:
    """Due work (:mod:`cti_server.due`): texts whose last parts do not come are taken without."""

    name = "sms_parts"
    records: frozenset[str] = frozenset()

    def __init__(
        self,
        inbox: Inbox,
        alphabets: dict[str, Alphabet],
        database: Database,
        changes: Changes,
        clock: Clock,
        new_id: Callable[[], str],
        due_changed: Callable[[], None],
    ) -> None:
        """``alphabets``: what each gateway takes data_coding 0 for."""
        self._inbox = inbox
        self._alphabets = alphabets
        self._database = database
        self._changes = changes
        self._clock = clock
        self._new_id = new_id
        self._due_changed = due_changed

    async def take(self, gateway: str, deliveries: Sequence[smpp34.DeliverSm]) -> Sequence[int]:
        """The command_status of each's answer: receipts together, texts in their order."""
        statuses = [pdu.OK] * len(deliveries)
        receipts = dict[int, Receipted]()
        for place, deliver in enumerate(deliveries):
            try:
                arrived = came(deliver)
                if not arrived.is_receipt:
                    await self._text(gateway, arrived)
                elif (receipt := read(deliver)) is not None:
                    receipts[place] = Receipted(
                        gateway,
                        receipt.message_id,
                        self._known_number(arrived.number),
                        receipt.state,
                        receipt.reason,
                    )
            except TextRefused as refused:
                statuses[place] = _status(gateway, refused)
            except UNAVAILABLE as error:
                statuses[place] = _come_again(error)
            except Exception:  # a fault of ours in one: the others are not to come twice
                log.exception("sms.not_taken", gateway=gateway)
                statuses[place] = pdu.TEMPORARY
        if receipts and (status := await self._receipted(list(receipts.values()))) != pdu.OK:
            for place in receipts:
                statuses[place] = status
        return statuses

    def _known_number(self, written: str) -> str:
        """Of a receipt, which its id tells, whatever it says that it is from."""
        try:
            return self._inbox.number_of(written)
        except TextRefused:
            return ""

    async def earliest(self) -> datetime | None:
        async with self._database.readers() as session:
            return await SmsFragments(session).earliest()

    async def do(self, now: datetime) -> None:
        async with self._changes.begin(SYSTEM) as change:
            fragments = SmsFragments(change.session)
            if (one := await fragments.overdue(now)) is None:
                return
            there = await fragments.of_same_text(one)
            log.warning("sms.parts_missing", gateway=one.gateway, missing=one.total - len(there))
            await self._join(change, one.gateway, there)

    async def _text(self, gateway: str, arrived: Came) -> None:
        number = self._inbox.number_of(arrived.number)
        our_number = self._inbox.our_number_of(gateway, arrived.our_number)
        text = self._wording(gateway, arrived.octets, arrived.data_coding)
        if arrived.piece is not None:
            fragment = self._fragment(gateway, number, our_number, arrived, arrived.piece)
            await self._put_aside(gateway, fragment)
            return
        async with self._changes.begin(SYSTEM) as change:
            await self._put(change, gateway, number, our_number, text)
        log.info("sms.received", gateway=gateway)

    async def _put_aside(self, gateway: str, fragment: SmsFragment) -> None:
        async with self._changes.begin(SYSTEM) as change:
            fragments = SmsFragments(change.session)
            await fragments.add(fragment)
            there = await fragments.of_same_text(fragment)
            if len(there) == fragment.total:
                await self._join(change, gateway, there)
        self._due_changed()

    async def _join(self, change: Change, gateway: str, there: Sequence[SmsFragment]) -> None:
        """The parts are gone when the text is there."""
        first = there[0]
        runs = _runs(there)
        said = _LEFT_OUT.join(
            self._wording(gateway, b"".join(each.octets for each in run), run[0].data_coding)
            for run in runs
        )
        if first.part != 1:
            said = f"{_LEFT_OUT}{said}"
        if there[-1].part != first.total:
            said += _LEFT_OUT
        await self._put(change, gateway, first.number, first.our_number, said)
        await SmsFragments(change.session).remove_text(first)
        log.info("sms.received", gateway=gateway, parts=len(there))

    async def _put(
        self, change: Change, gateway: str, number: str, our_number: str, said: str
    ) -> None:
        text = ReceivedText(
            gateway_id=self._new_id(),  # SMPP has none that a centre would say twice
            number=number,
            our_number=our_number,
            text=_shown(said)[:LONGEST],
        )
        await self._inbox.put(change, gateway, number, text)

    async def _receipted(self, receipts: Sequence[Receipted]) -> int:
        try:
            async with self._changes.begin(SYSTEM) as change:
                found = await SmsParts(change.session).receipted(receipts, self._clock.now())
                jobs = await OutboxJobs(change.session).to_change(found)
                await tell_deliveries(change, [job for job in jobs.values() if job.state == SENT])
        except UNAVAILABLE as error:
            return _come_again(error)
        except Exception:  # likewise
            log.exception("sms.receipts_not_taken")
            return pdu.TEMPORARY
        return pdu.OK

    def _fragment(
        self, gateway: str, number: str, our_number: str, arrived: Came, piece: Piece
    ) -> SmsFragment:
        return SmsFragment(
            id=self._new_id(),
            gateway=gateway,
            number=number,
            our_number=our_number,
            reference=piece.reference,
            total=piece.total,
            part=piece.number,
            data_coding=arrived.data_coding,
            octets=arrived.octets,
            at=self._clock.now(),
        )

    def _wording(self, gateway: str, octets: bytes, data_coding: int) -> str:
        return wording(octets, data_coding, self._alphabets[gateway])


def _status(gateway: str, refused: TextRefused) -> int:
    """What is wrong with a text itself would come again; what is set up wrongly is to be seen."""
    log.warning("sms.refused", gateway=gateway, reason=str(refused))
    return pdu.REFUSED if refused.field in _OPERATORS else pdu.OK


def _come_again(error: Exception) -> int:
    log.warning("sms.database_unavailable", reason=type(error).__name__)
    return pdu.TEMPORARY


def _runs(there: Sequence[SmsFragment]) -> list[list[SmsFragment]]:
    """Parts without a gap and of one coding: a sign may begin in one and end in the next."""
    runs = list[list[SmsFragment]]()
    for each in there:
        last = runs[-1][-1] if runs else None
        if last is not None and (last.part, last.data_coding) == (each.part - 1, each.data_coding):
            runs[-1].append(each)
        else:
            runs.append([each])
    return runs


def _shown(text: str) -> str:
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text).strip()
