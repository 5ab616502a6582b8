"""
What a walk asks of the call, and what the call answers; :mod:`.inquiries` are a part of both.

An action names the node that it came from. Nothing here shows pressed keys in its ``repr``: they
may be a card number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .inquiries import Inquiry, Reply
from .texts import Prompt as Prompt
from .vocabulary import Vocabulary

# --- answers ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """The prompts were played, or the caller's key cut them short."""


@dataclass(frozen=True, slots=True)
class Digits:
    """The caller pressed these keys (0-9, ``*``, ``#``, A-D), without the terminator."""

    keys: str

    def __repr__(self) -> str:
        return f"Digits({len(self.keys)} keys)"


@dataclass(frozen=True, slots=True)
class Spoken:
    """The caller said this, of what the question's vocabulary has; who is not ``sure`` asks."""

    label: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """The caller said something else, or it could not be told in time what."""


@dataclass(frozen=True, slots=True)
class NoInput:
    """The caller pressed nothing in time."""


@dataclass(frozen=True, slots=True)
class LeftQueue:
    """The caller is out of the queue again, with nobody spoken to, by this way of :class:`Ways`."""

    way: str


@dataclass(frozen=True, slots=True)
class NotConnected:
    """Nobody picked up where the caller was to go, or nobody can be reached there."""


Answer = Said | Digits | Spoken | NotUnderstood | NoInput | LeftQueue | NotConnected | Reply


# --- actions ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """
    Play these, then answer :class:`Said`.

    With ``barge_in`` a key stops the prompts; it counts as typed ahead for the next :class:`Ask`.
    """

    prompts: tuple[Prompt, ...]
    barge_in: bool = False
    node: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class Ask:
    """
    Play these and collect keys; answer :class:`Digits` or :class:`NoInput`.

    With a ``vocabulary`` the caller may speak instead: :class:`Spoken` or :class:`NotUnderstood`.

    :class:`ivr.digits.DigitCollector` carries it out. Times are in seconds.
    """

    prompts: tuple[Prompt, ...]
    min_digits: int = 1
    max_digits: int = 1
    terminator: str | None = None
    timeout: float = 5.0  # from the prompts' end to the first key
    inter_digit_timeout: float = 3.0  # from key to key
    barge_in: bool = True
    secret: bool = False  # a PIN: neither logged nor recorded
    exit_keys: frozenset[str] = frozenset()  # each ends the input and is the whole answer
    vocabulary: Vocabulary | None = None
    confirms: str | None = None  # the choice that was understood, perhaps
    node: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class Ways:
    """
    How a caller comes back from a queue: by one of the ``keys``, or by what is true here.

    ``way in ways`` tells whether there is that one: a key, or one of the fields' names.
    """

    keys: frozenset[str] = frozenset()
    closed: bool = False
    full: bool = False
    nobody: bool = False  # is logged in who could serve
    waited: float | None = None  # for so many seconds

    def __contains__(self, way: str) -> bool:
        words = {"closed": self.closed, "full": self.full, "nobody": self.nobody}
        return way in self.keys or words.get(way, way == "waited" and self.waited is not None)


@dataclass(frozen=True, slots=True)
class Enqueue:
    """
    The caller waits for an agent who has these skills at these levels, or better.

    Without ``back`` the flow is over; with it :class:`LeftQueue` may be answered.
    """

    queue: str
    priority: int = 0  # higher goes first
    requirements: Mapping[str, int] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)  # all that the flow learnt
    back: Ways | None = None
    form: str | None = None  # what the agent fills in
    node: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class Transfer:
    """
    The caller goes to this number or SIP URI, where it rings for so many seconds.

    The flow is over, unless it ``returns`` when that fails: :class:`NotConnected` is answered.
    """

    target: str
    returns: bool = False
    ring_for: float = 60.0
    node: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class HangUp:
    """
    The call is over for us. ``reason`` is a word for the call's record.

    Who comes to an end that ``serves`` got what they wanted.
    """

    reason: str
    serves: bool = field(default=True, compare=False, kw_only=True)
    node: str = field(default="", kw_only=True)


Action = Say | Ask | Inquiry | Enqueue | Transfer | HangUp
