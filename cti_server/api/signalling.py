"""What a desktop says on its stream, done: each message gets its answer there."""

import msgspec
import structlog

from cti_server.calls.handset import Handset
from cti_server.calls.path_check import PathCheck
from cti_server.wire.call_verbs import CallVerb
from cti_server.wire.phone import (
    Accept,
    CheckPath,
    Done,
    HangUp,
    Health,
    Media,
    PhoneTold,
    Refused,
    TakeAudio,
)

from .call_verbs import CallVerbs
from .desks import Desk
from .parts import Parts
from .problems import REFUSALS, BadRequest, status_of

log = structlog.get_logger()

PhoneSaid = TakeAudio | Health | CheckPath | Media | Accept | HangUp

_decode = msgspec.json.Decoder[PhoneSaid | CallVerb](PhoneSaid | CallVerb).decode


class _Numbered(msgspec.Struct):
    """As much of a message that cannot be used as is needed to answer it."""

    request: int


class Signalling:
    """One desktop's, for as long as its stream lasts."""

    def __init__(self, here: Parts, desk: Desk, handset: Handset) -> None:
        self._desk = desk
        self._handset = handset
        self._verbs = CallVerbs(here.switchboard, desk.agent_id)
        self._check = PathCheck(here.plane, here.new_id)

    async def close(self) -> None:
        await self._check.end()

    async def obey(self, text: str | bytes) -> None:
        """Do what the desktop says; it is told how that ended."""
        try:
            said = _decode(text)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            self._desk.show(refusal(_number_of(text), BadRequest(str(error))))
            return
        try:
            if isinstance(said, PhoneSaid):
                await self._do(said)
            else:
                self._verbs.do(said)
        except REFUSALS as error:
            log.info("phone.refused", agent_id=self._desk.agent_id, reason=str(error))
            self._desk.show(refusal(said.request, error))
        else:
            self._desk.show(Done(request=said.request))

    async def _do(self, said: PhoneSaid) -> None:
        desk, handset = self._desk, self._handset
        match said:
            case TakeAudio():
                handset.take_audio(desk)
            case Health(microphone=microphone, path=path):
                handset.reported(desk, microphone, path)
            case CheckPath():
                desk.show(await self._check.begin(said))
            case Media(id=line):
                handset.need_audio(desk)
                desk.show(await handset.line(line).media(said))
            case Accept(id=line):
                handset.need_audio(desk)
                handset.line(line).answer()
            case HangUp(id=line):
                handset.line(line).put_down()


def refusal(request: int | None, error: Exception) -> PhoneTold:
    return Refused(
        request=request,
        problem=type(error).__name__,
        status=int(status_of(error)),
        detail=str(error),
    )


def _number_of(text: str | bytes) -> int | None:
    try:
        return msgspec.json.decode(text, type=_Numbered).request
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
