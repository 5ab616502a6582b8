"""A recording session, of which we are the server (SRS, RFC 7866): a call in that only speaks."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol

from .authentication import Identity
from .core import Core
from .errors import SdpError
from .incoming_call import IncomingCall
from .inspection import Refusal, inspect_head
from .message import Request
from .recording_body import read_body
from .sdp import Sdp
from .session import Deaf, SessionListener
from .transactions import ServerTransaction
from .transport import Flow

SIPREC: Final = "siprec"
"""The option tag."""


class RecordingListener(SessionListener, Protocol):
    """Hears a recording session; before an offer in the same request it hears of its metadata."""

    def told(self, document: bytes) -> str | None:
        """Metadata came: what is wrong with it, if it cannot be taken."""

    def offer_anew(self, local: Sdp) -> Sdp:
        """The client asks for an offer; ``local`` is what is in force."""


class _DeafRecorder(Deaf):
    def told(self, document: bytes) -> str | None: ...

    def offer_anew(self, local: Sdp) -> Sdp:
        return local


DEAF_RECORDER: RecordingListener = _DeafRecorder()
"""Takes the place of a listener where there is no session."""


@dataclass(frozen=True, slots=True)
class RecordingOffer:
    """What a recording session begins with. ``metadata`` is empty if it comes later."""

    sdp: Sdp
    metadata: bytes


def asks_to_be_recorded(request: Request) -> bool:
    """Whether an INVITE is from a session recording client (RFC 7866 §6.1.1)."""
    required = request.headers.get_list("Require")
    return any(option.lower() == SIPREC for option in required)


def inspect_recording(request: Request) -> RecordingOffer | Refusal:
    """What can be said of such an INVITE before anything is done about it."""
    refusal = inspect_head(request, (SIPREC,))
    if refusal is not None:
        return refusal
    body = read_body(request)
    if isinstance(body, Refusal):
        return body
    if not body.sdp:
        return Refusal(400, "No SDP Offer")  # the client makes the offer (§7.1.1)
    try:
        return RecordingOffer(Sdp.parse(body.sdp), body.metadata)
    except SdpError:
        return Refusal(400, "Bad SDP")


class RecordingCall(IncomingCall):
    """The server's side of it: tells what it is, and takes metadata wherever SDP may come."""

    extensions: Collection[str] = (SIPREC,)

    def __init__(
        self,
        core: Core,
        request: Request,
        transaction: ServerTransaction,
        identity: Identity,
        offer: RecordingOffer,
    ) -> None:
        """Raises NoRemoteTarget if the INVITE has no usable Contact."""
        super().__init__(core, request, transaction, identity, offer.sdp)
        self.recording_offer = offer
        self._recorder: RecordingListener | None = None

    def attach_recorder(self, listener: RecordingListener) -> None:
        """From now on tell this one, unless all is over already."""
        self._recorder = listener
        self.attach(listener)

    def headers(self, flow: Flow) -> list[tuple[str, str]]:
        (contact, value), *others = super().headers(flow)
        return [(contact, f"{value};+sip.srs"), *others, ("Require", SIPREC)]

    def read_body(self, request: Request) -> bytes | Refusal:
        """
        Metadata alone is no offer, in an UPDATE as in a re-INVITE.

        It is taken though the offer beside it may be refused then: the call that it tells of is so.
        """
        body = read_body(request)
        if isinstance(body, Refusal):
            return body
        if body.metadata and self._recorder is not None:
            wrong = self._recorder.told(body.metadata)
            if wrong is not None:
                return bad_metadata(wrong)
        return body.sdp

    def answer_in(self, ack: Request) -> bytes:
        read = self.read_body(ack)
        return b"" if isinstance(read, Refusal) else read

    def offer_anew(self, local: Sdp) -> Sdp:
        return local if self._recorder is None else self._recorder.offer_anew(local)

    def close(self) -> None:
        self._recorder = None
        super().close()


def bad_metadata(wrong: str) -> Refusal:
    """The answer to metadata that cannot be taken: its element, but nothing else that it says."""
    return Refusal(400, f"Bad Recording Metadata ({wrong})")
