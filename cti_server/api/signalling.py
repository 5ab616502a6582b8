"""What a desktop says on its stream, done: each message gets its answer there."""

import msgspec
import structlog

from acd.errors import UnknownAgent
from cti_server.calls.path_check import PathCheck
from cti_server.floor.fitness import StreamHealth
from cti_server.floor.profile import BROWSER_PHONE
from cti_server.store.database import UNAVAILABLE
from cti_server.wire.call_verbs import CallVerb, Dial
from cti_server.wire.phone import (
    Accept,
    CheckPath,
    Done,
    HangUp,
    Health,
    Media,
    PhoneTold,
    PhoneView,
    Placed,
    Refused,
    TakeAudio,
    TalkView,
)

from .call_verbs import CallVerbs
from .calls_out import dial
from .desks import Desk
from .parts import Parts
from .permissions import Identity
from .problems import REFUSALS, BadRequest, DatabaseUnavailable, status_of

log = structlog.get_logger()

PhoneSaid = TakeAudio | Health | CheckPath | Media | Accept | HangUp

_Anything = PhoneSaid | Dial | CallVerb

_decode = msgspec.json.Decoder[_Anything](_Anything).decode


class _Numbered(msgspec.Struct):
    """As much of a message that cannot be used as is needed to answer it."""

    request: int


class Signalling:
    """One desktop's part in the agent's phone, for as long as its stream lasts."""

    def __init__(self, here: Parts, who: Identity, desk: Desk) -> None:
        self._here = here
        self._who = who
        self._desk = desk
        self._handset = here.handsets.of(desk.agent_id)
        self._verbs = CallVerbs(here, desk.agent_id, who)
        self._check = PathCheck(here.plane, here.new_id)

    def plug_in(self) -> None:
        """The desktop is connected; a stream that it had before is over."""
        replaced = self._handset.join(self._desk)
        if isinstance(replaced, Desk):
            replaced.replaced.set()

    async def unplug(self) -> None:
        self._handset.leave(self._desk)
        await self._check.end()

    def measured(self, stream: StreamHealth) -> None:
        self._handset.measured(self._desk, stream)

    @property
    def serves(self) -> bool:
        """Whether the agent's phone is the browser, by the definitions of this moment."""
        try:
            return self._here.floor.profile(self._desk.agent_id).phone == BROWSER_PHONE
        except UnknownAgent:
            return False

    def view(self) -> PhoneView | None:
        """None where the agent's phone is not the browser, and nothing of before goes on there."""
        there = self.serves or self._handset.busy
        return self._handset.view(self._desk) if there else None

    def talk(self) -> TalkView | None:
        """What the agent does in a call, if they are in one."""
        try:
            contact_id = self._here.floor.agent(self._desk.agent_id).contact_id
        except UnknownAgent:
            return None
        return self._verbs.view(contact_id) if contact_id else None

    async def obey(self, text: str | bytes) -> None:
        """Do what the desktop says; it is told how that ended."""
        try:
            said = _decode(text)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            self._desk.show(refusal(_number_of(text), BadRequest(str(error))))
            return
        try:
            answered = await self._answer(said)
        except REFUSALS as error:
            log.info("phone.refused", agent_id=self._desk.agent_id, reason=str(error))
            self._desk.show(refusal(said.request, error))
        else:
            self._desk.show(answered)

    async def _answer(self, said: _Anything) -> Done | Placed:
        """Do it."""
        if isinstance(said, Dial):
            return await self._dial(said)
        if isinstance(said, PhoneSaid):
            await self._do(said)
        else:
            self._verbs.do(said)
        return Done(request=said.request)

    async def _dial(self, wanted: Dial) -> Placed:
        self._who.need("calls.dial")
        try:
            call = await dial(self._here, self._who, wanted)
        except UNAVAILABLE as error:
            log.warning("phone.database_unavailable", reason=str(error))
            raise DatabaseUnavailable from error
        return Placed(request=wanted.request, contact_id=call.contact.id, call_id=call.id)

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
