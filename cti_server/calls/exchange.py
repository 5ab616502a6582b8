"""What calls work with: the parts of the server, handed to each call by the switchboard."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from config.fax import FaxSettings
from config.floor import QueueSettings, SupervisionSettings
from config.recording import RecordingSettings
from crm.pop import Pop
from crm.regions import Regions
from cti_server.clock import Clock
from cti_server.fax.machines import FaxMachines
from cti_server.fax.received import ReceivedFax
from cti_server.floor.floor import Floor
from cti_server.media.plane import MediaPlane
from cti_server.outbox.faxes import NewFax
from cti_server.sip.user_agent import UserAgent
from cti_server.speech_recognition.recogniser import SpeechRecogniser
from cti_server.tickets.opening import NewTicket
from cti_server.wire.events import Event, Logged
from cti_server.wire.screen import FormShown
from cti_server.wire.stream import ScreenPop
from ivr.flow import Flow
from recording.budget import Room

from .archiver import Archiver
from .broadcasts import Broadcasts
from .mailboxes import Mailboxes
from .other_systems import OtherSystems
from .outbound import Outbound
from .phones import Phones
from .prompts import Prompts
from .sip_session import SipSessions


class Desks(Protocol):
    """The agents' desktops, as a call sees them."""

    def present(self, agent_id: str, pop: ScreenPop) -> None:
        """Put an offer with its customer's record on the agent's screen."""

    def show(self, agent_id: str, pop: ScreenPop) -> None:
        """The same without an offer."""

    async def delivered(self, agent_id: str) -> None:
        """Wait, a short while at most, until what was presented has left for the desktop."""


class Customers(Protocol):
    """Who calls."""

    async def look_up(self, number: str) -> Pop: ...


class Tickets(Protocol):
    """What callers want that is not done at once."""

    async def open(self, new: NewTicket) -> str | None:
        """The number, if the ticket is opened in bounded time."""


class Faxes(Protocol):
    """Documents that callers have faxed."""

    def title(self, document: str, language: str) -> str | None:
        """None if there is no such document."""

    async def put(self, new: NewFax) -> bool:
        """Whether it will be sent, in bounded time."""


class FaxInbox(Protocol):
    """Where faxes go that have come."""

    def place(self, fax_id: str) -> Path:
        """Where its pages are to be written."""

    def put(self, fax: ReceivedFax) -> None:
        """It is whole, or as whole as it will be: from here on it is not lost any more."""

    async def whole_pages(self, fax_id: str) -> int:
        """As many as are written."""

    def drop(self, fax_id: str) -> None:
        """Nothing came."""


class Forms(Protocol):
    """What agents fill in for callers."""

    def shown(self, form_id: str, known: Mapping[str, str]) -> FormShown | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    clock: Clock
    append: Callable[[Event], Logged]
    plane: MediaPlane
    user_agent: UserAgent
    outbound: Outbound
    floor: Floor
    desks: Desks
    customers: Customers
    other_systems: OtherSystems
    tickets: Tickets
    faxes: Faxes
    fax_machines: FaxMachines
    fax_inbox: FaxInbox
    fax: FaxSettings
    phones: Phones
    prompts: Prompts
    broadcasts: Broadcasts
    recogniser: SpeechRecogniser
    archiver: Archiver
    mailboxes: Mailboxes
    queues: Mapping[str, QueueSettings]  # as they are at the moment
    forms: Forms
    survey: Callable[[str], Flow | None]
    """Of that name, as it is at the moment."""
    supervision: SupervisionSettings
    recording: RecordingSettings
    room: Callable[[], Room]
    """What the disk that calls are captured to has room for at the moment."""
    spool: Path
    realm: str
    language: str  # where neither number nor menu says one
    pop_budget: float  # seconds
    tier_priorities: Mapping[str, int]
    regions: Regions
    region: str  # where national numbers are from
    is_open: Callable[[str | None, datetime], bool]
    """Whether by the working calendar of that id it is open then; without one it always is."""
    silence_limit: float | None  # seconds without a packet that end a leg
    new_id: Callable[[], str]
    sessions: SipSessions
