"""
Texts come in: from which gateway, for which number; in the database before they are taken.

By HTTP from a gateway that proves itself, or by a connection that we opened ourselves.
"""

import hmac
import ipaddress
from collections.abc import Callable, Mapping

from config.sms import KannelSettings, SmsNumberSettings
from crm.numbers import normalise
from cti_server.clock import Clock
from cti_server.store.changes import Change, Changes
from cti_server.store.sms_messages import SmsMessage, SmsMessages
from cti_server.tickets.edit import SYSTEM
from fax_sms_email.errors import TextRefused
from fax_sms_email.texts import ReceivedText


class Inbox:
    """Takes each text once, however often a gateway hands it over."""

    def __init__(
        self,
        gateways: Mapping[str, KannelSettings],
        secrets: Mapping[str, str],
        numbers: Mapping[str, SmsNumberSettings],
        changes: Changes,
        clock: Clock,
        new_id: Callable[[], str],
        region: str,
    ) -> None:
        """
        ``gateways``: those that come to us; ``secrets``: what each proves itself with. ``region``:
        of short numbers.
        """
        self._gateways = gateways
        self._secrets = secrets
        self._numbers = numbers
        self._changes = changes
        self._clock = clock
        self._new_id = new_id
        self._region = region

    def has(self, gateway: str) -> bool:
        return gateway in self._gateways

    def lets_in(self, gateway: str, address: str) -> bool:
        """Whether that gateway may be at this address."""
        try:
            there = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(there in network for network in self._gateways[gateway].addresses)

    def is_proved(self, gateway: str, secret: str) -> bool:
        """Nothing proves nothing, whatever the gateway's secret is."""
        known = self._secrets[gateway]
        return known != "" and hmac.compare_digest(known.encode(), secret.encode())

    async def take(self, gateway: str, text: ReceivedText) -> bool:
        """
        False for one that was taken before.

        Raises TextRefused for numbers that cannot be, and what the database raises.
        """
        number = self.number_of(text.number)
        self._check_ours(gateway, text)
        async with self._changes.begin(SYSTEM) as change:
            return await self.put(change, gateway, number, text)

    async def put(self, change: Change, gateway: str, number: str, text: ReceivedText) -> bool:
        """As :meth:`take`, of numbers that were looked at; ``number``: in the one form."""
        message_id = self._new_id()
        messages = SmsMessages(change.session)
        is_new = await messages.take(message_id, gateway, number, text, self._clock.now())
        if is_new:
            change.record(SmsMessage.__tablename__, message_id, "received")
        return is_new

    def number_of(self, written: str) -> str:
        """In the one form. Raises TextRefused."""
        number = normalise(written, self._region)
        if not number.digits:
            raise TextRefused("from", "is no number that can be answered")
        return number.text

    def our_number_of(self, gateway: str, written: str) -> str:
        """As it is configured, whether a centre writes the plus or not. Raises TextRefused."""
        for each in (written, f"+{written}", written.removeprefix("+")):
            if (ours := self._numbers.get(each)) is not None and ours.gateway == gateway:
                return each
        raise TextRefused("to", "is none of our numbers at this gateway")

    def _check_ours(self, gateway: str, text: ReceivedText) -> None:
        ours = self._numbers.get(text.our_number)
        if ours is None or ours.gateway != gateway:
            raise TextRefused("to", "is none of our numbers at this gateway")
