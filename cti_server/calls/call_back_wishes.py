"""Whether a customer will be called back at all, and now: their own wishes decide (CR-27)."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from crm.call_backs import Close, after_refusal
from crm.consents import Refusal

from .call_backs import SYSTEM, CallBacks
from .open_call_back import OpenCallBack
from .outreach import CustomerDeclines, Outreach

MayCall = Callable[[], Awaitable[bool]]
"""Asked before anybody's phone rings."""


class CallBackWishes:
    """Asks, and sees to it that nobody is called who does not want it."""

    def __init__(self, call_backs: CallBacks, outreach: Outreach) -> None:
        self._call_backs = call_backs
        self._outreach = outreach

    async def need_allowed(self, one: OpenCallBack, asked_by: str) -> None:
        """
        For an agent who clicks. Raises CustomerDeclines.

        Who asked for this very call has it, whatever they wish of calls in general.
        """
        if one.reason != "asked":
            await self._ask(one, asked_by, lambda refusal: False)

    async def may_call(self, one: OpenCallBack) -> bool:
        """At its turn; if the customer does not want it, it is postponed or closed."""

        def overruled(refusal: Refusal) -> bool:
            return after_refusal(refusal, one.reason) is None

        try:
            await self._ask(one, one.agent_id or SYSTEM, overruled)
        except CustomerDeclines as declines:
            match after_refusal(declines.refusal, one.reason):
                case Close(outcome):
                    self._call_backs.close(one, outcome, SYSTEM, declines.cause)
                    return False
                case datetime() as until:
                    self._call_backs.postpone(one, until, declines.cause)
                    return False
        return True

    async def _ask(
        self, one: OpenCallBack, asked_by: str, overruled: Callable[[Refusal], bool]
    ) -> None:
        await self._outreach.need_allowed(
            "voice",
            "service",
            number=one.number,
            customer_id=one.customer_id,
            asked_by=asked_by,
            overruled=overruled,
        )
