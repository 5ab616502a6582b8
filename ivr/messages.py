"""What a walk asks of the centre to have a caller leave a message, and what it is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Who is to hear a message: an agent of this queue."""

    queue: str
    subject: str = ""
    priority: int = 0  # as of a caller who waits there
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """
    Record, after a tone, what the caller says; answer :class:`Recorded` or :class:`NotRecorded`.

    It ends by the ``terminator``, by ``silence`` or at ``max_seconds``. It is then at hand, until
    it is kept, dropped, or another one is recorded. ``kept_if_hung_up``: so it is when the caller
    leaves before that, if there are ``min_seconds`` of speech; the mailbox gets it then, too.
    """

    max_seconds: float
    silence: float  # seconds
    min_seconds: float
    terminator: str
    kept_if_hung_up: bool
    mailbox: Mailbox | None = None
    node: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A message is at hand; it will have that id."""

    message_id: str
    seconds: float


@dataclass(frozen=True, slots=True)
class NotRecorded:
    """``reason``: "silent" where nobody said anything, "failed" where it could not be kept."""

    reason: str


@dataclass(frozen=True, slots=True)
class PlayMessage:
    """Have the caller hear the message at hand, until a key is pressed; :class:`MessagePlayed`."""

    node: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class MessagePlayed:
    """It was played, or the caller's key cut it short."""


@dataclass(frozen=True, slots=True)
class KeepMessage:
    """
    Make the message at hand a recording of the call, and a contact where it has a mailbox.

    Answer :class:`MessageKept`, or :class:`NotRecorded` if there is none.
    """

    node: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class MessageKept:
    """``message_id``: of the recording."""

    message_id: str


@dataclass(frozen=True, slots=True)
class DropMessage:
    """Throw the message at hand away; answer :class:`MessageDropped`."""

    then: str  # where the flow goes on
    node: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class MessageDropped:
    """As it was asked."""

    then: str


MessageInquiry = Record | PlayMessage | KeepMessage | DropMessage
MessageReply = Recorded | NotRecorded | MessagePlayed | MessageKept | MessageDropped
