"""The line that somebody calls in by: a trunk's or phone's INVITE, or a page's connection."""

from dataclasses import dataclass
from typing import Protocol

from cti_server.media.plane import MediaPlane

from .leg import Leg


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What is known of a call that comes in, before anybody has answered it."""

    caller_number: str
    """Empty if it is withheld."""
    dialled_number: str
    original_number: str = ""
    """What was dialled at first, if the call was diverted to us."""
    trunk: str
    """Who brought it: a trunk, a phone, or :data:`.web_caller.TRUNK` for pages."""
    address: str
    """Where it came from, as the log has it."""
    sip_call_id: str = ""
    """Empty where it is no SIP."""


class CallerLine(Protocol):
    """
    One call that comes in: what :meth:`.switchboard.Switchboard.arrived` needs of it.

    From :meth:`connect` on the line gives the leg its session (:class:`.leg.LegSession`), by which
    everything after the answer goes.
    """

    @property
    def called(self) -> Called: ...

    def turn_away(self) -> None:
        """The number leads nowhere; there will be no call."""

    def connect(self, leg: Leg) -> None:
        """There is a call, and this is its caller's leg: tell it what becomes of the caller."""

    async def pick_up(self, plane: MediaPlane) -> None:
        """
        Agree on media and answer.

        Returns when the caller can hear, or with a leg that is over. Raises Over.
        """
