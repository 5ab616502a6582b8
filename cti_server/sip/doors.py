"""Where INVITEs come in: calls by one door, recording sessions of other PBXs by another. No IO."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .authentication import Identification, Identity
from .core import Core
from .incoming_call import IncomingCall
from .inspection import Refusal, inspect_invite
from .message import Request
from .overload import Overload
from .recording_call import RecordingCall, RecordingListener, inspect_recording
from .session import SessionListener
from .transactions import ServerTransaction

OnCall = Callable[[IncomingCall], SessionListener]
OnRecording = Callable[[RecordingCall], RecordingListener]

Begin = Callable[[Core, ServerTransaction, Identity], None]
"""Begins what an INVITE asks for. Raises NoRemoteTarget."""


class Door(Protocol):
    @property
    def identification(self) -> Identification:
        """Of who may come in here."""

    @property
    def overload(self) -> Overload:
        """How much is let in: what comes by one door takes no place of the other's."""

    def inspect(self, request: Request) -> Begin | Refusal:
        """What becomes of an INVITE by somebody who may come in here."""


@dataclass(frozen=True, slots=True)
class CallDoor:
    """For trunks and phones."""

    identification: Identification
    overload: Overload
    on_call: OnCall

    def inspect(self, request: Request) -> Begin | Refusal:
        offer = inspect_invite(request)
        if isinstance(offer, Refusal):
            return offer

        def begin(core: Core, transaction: ServerTransaction, identity: Identity) -> None:
            call = IncomingCall(core, request, transaction, identity, offer.sdp)
            core.calls_in.add(call)
            call.attach(self.on_call(call))

        return begin


@dataclass(frozen=True, slots=True)
class RecordingDoor:
    """For session recording clients (RFC 7866): what comes in here is no call of ours."""

    identification: Identification
    overload: Overload
    on_recording: OnRecording

    def inspect(self, request: Request) -> Begin | Refusal:
        offer = inspect_recording(request)
        if isinstance(offer, Refusal):
            return offer

        def begin(core: Core, transaction: ServerTransaction, identity: Identity) -> None:
            call = RecordingCall(core, request, transaction, identity, offer)
            call.attach_recorder(self.on_recording(call))

        return begin
