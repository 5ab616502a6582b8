"""
The phone in the browser: what a desktop and the server say to one another about it.

It goes over the desktop's one stream (:mod:`.stream`), between the deltas and in order with them.
Every message of the desktop's carries a ``request`` number of its choice and is answered by
:class:`Done` or :class:`Refused` with the same number (``dial`` by :class:`Placed`). Nothing is
queued while the stream is down: the snapshot of the next stream has the calls in progress
(:class:`PhoneView`), and a desktop that has the audio sends :class:`Media` again for each that it
does not hear.

``id`` is the agent's leg: one ring, and the conversation that comes of it.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from .screen import ScreenPop

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
LongText = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
Keys = Annotated[str, msgspec.Meta(pattern=r"^[0-9*#A-D]{1,32}$")]
Audio = Literal["here", "elsewhere", "nowhere"]
"""Which desktop has the agent's audio, as the one sees it that is told."""


# --- from the desktop ---------------------------------------------------------------------------


class Said(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """``request`` is the desktop's number for it; the answer has the same."""

    request: Annotated[int, msgspec.Meta(ge=0)]


class TakeAudio(Said, frozen=True, tag="take_audio"):
    """This desktop is the phone from now on; the one that was is told."""


class Health(Said, frozen=True, tag="health"):
    """
    What the desktop knows of its equipment; said at once when it changes.

    ``path``: how the last peer connection that it tried ended up.
    """

    microphone: Literal["live", "unasked", "denied", "missing", "ended", "muted"]
    path: Literal["untested", "connected", "failed"]


class Media(Said, frozen=True, tag="media"):
    """
    The browser's offer for a call: prewarmed while it rings, or to take it (up again).

    ``restart``: of the ICE of the connection that there is (RFC 8839 §4.4.3.1); else it is a new
    one, and replaces the older when it is connected. The answer carries ``attempt`` back.
    """

    id: Text
    attempt: Annotated[int, msgspec.Meta(ge=0)]
    sdp: Annotated[str, msgspec.Meta(max_length=12_000)]
    restart: bool = False


CHECK = "check"
"""The ``id`` of the answer to :class:`CheckPath`: no call has it."""


class CheckPath(Said, frozen=True, tag="check_path"):
    """
    The browser's offer for a connection without a call, to see whether the way is free.

    What comes of it the browser sees, and says in :class:`Health`; then it closes the connection.
    """

    attempt: Annotated[int, msgspec.Meta(ge=0)]
    sdp: Annotated[str, msgspec.Meta(max_length=12_000)]


class Accept(Said, frozen=True, tag="accept"):
    """Pick up. The agent talks when the audio is there, too."""

    id: Text


class HangUp(Said, frozen=True, tag="hang_up"):
    """Put the receiver down: decline what rings, leave the conversation."""

    id: Text


# --- from the server ----------------------------------------------------------------------------


class _Told(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    pass


class Ring(_Told, frozen=True, tag="ring"):
    """
    The phone rings; ``pop`` is the customer's record, if there is one.

    ``auto_answer``: the desktop that has the audio picks up by itself if it can be spoken at.
    """

    id: str
    contact_id: str
    auto_answer: bool = False
    pop: ScreenPop | None = None


class Answer(_Told, frozen=True, tag="answer"):
    """To :class:`Media` or :class:`CheckPath`."""

    id: str
    attempt: int
    sdp: str


class Connected(_Told, frozen=True, tag="connected"):
    """Picked up, and the audio is there: the agent is being connected."""

    id: str


class MediaLost(_Told, frozen=True, tag="media_lost"):
    """Nothing is heard of this browser any more; the caller is kept for a while."""

    id: str


class MediaBack(_Told, frozen=True, tag="media_back"):
    """The browser is heard again."""

    id: str


class Ended(_Told, frozen=True, tag="ended"):
    """The agent's part is over; ``reason`` is from :mod:`cti_server.calls.termination`."""

    id: str
    reason: str


class AudioMoved(_Told, frozen=True, tag="audio"):
    owner: Audio


class Done(_Told, frozen=True, tag="done"):
    request: int


class Placed(_Told, frozen=True, tag="placed"):
    """The call to a customer is on its way: the agent's own phone rings."""

    request: int
    contact_id: str
    call_id: str


class Refused(_Told, frozen=True, tag="refused"):
    """Why not, as RFC 9457 has it over REST; ``request`` is None if it could not be read."""

    request: int | None
    problem: str
    status: int
    detail: str


PhoneTold = (
    Ring | Answer | Connected | MediaLost | MediaBack | Ended | AudioMoved | Done | Placed | Refused
)


class PhoneCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call at the agent's phone now."""

    id: str
    contact_id: str
    state: Literal["ringing", "accepted", "talking"]
    since: datetime
    audio: bool  # whether the peer connection is up
    auto_answer: bool = False  # as :class:`Ring` has it


class TalkView(msgspec.Struct, frozen=True, kw_only=True):
    """What the agent does in a call, as ``interaction.state_changed`` has it."""

    contact_id: str
    state: str
    muted: bool


class PhoneView(msgspec.Struct, frozen=True, kw_only=True):
    """The phone in the browser, in a snapshot."""

    audio: Audio
    calls: list[PhoneCall]
