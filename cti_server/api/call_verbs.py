"""One agent's verbs on running calls, as the desktop's stream says them."""

from cti_server.calls.control import CallControl
from cti_server.calls.errors import CallError
from cti_server.calls.listening import Mode
from cti_server.calls.summons import Target, ToAgent, ToNumber, ToQueue
from cti_server.wire.call_verbs import (
    CallVerb,
    Complete,
    Conference,
    Consult,
    Hold,
    Listen,
    MaskRecording,
    Mute,
    ReadOut,
    Record,
    Release,
    Return,
    SendDigits,
    StopListening,
    StopReadOut,
    Swap,
    TakeOver,
    Transfer,
    UnmaskRecording,
)
from cti_server.wire.phone import TalkView

from .calls_in_sight import call_in_sight
from .parts import Parts
from .permissions import Identity
from .read_outs import begin_read_out


class CallVerbs:
    def __init__(self, here: Parts, agent_id: str, who: Identity) -> None:
        """``who`` says it, for what not every agent may."""
        self._here = here
        self._agent_id = agent_id
        self._who = who

    def do(self, verb: CallVerb) -> None:
        """Raises CallError, AcdError, NotPermitted; nothing has changed then."""
        if isinstance(verb, Listen | StopListening | TakeOver):
            self._supervise(verb)
            return
        control, me = self._control(verb.contact_id), self._agent_id
        match verb:
            case Hold(on=True):
                control.hold(me)
            case Hold():
                control.resume(me)
            case Mute(on=on):
                control.mute(me, on=on)
            case SendDigits(digits=digits):
                call = self._here.switchboard.call_of(verb.contact_id)
                call.record_key.send_digits(me, digits, asked_by=me)
            case Transfer():
                control.transfer(me, _target(verb))
            case Consult():
                control.consult(me, _target(verb))
            case Complete():
                control.complete(me)
            case Swap():
                control.swap(me)
            case Conference():
                control.conference(me)
            case Return():
                control.return_to_customer(me)
            case Release():
                control.release(me)
            case ReadOut():
                call = self._here.switchboard.call_of(verb.contact_id)
                begin_read_out(self._here, self._who, me, call, verb)
            case StopReadOut():
                self._here.switchboard.call_of(verb.contact_id).read_outs.stop(me)
            case Record() | MaskRecording() | UnmaskRecording():
                self._record(verb)

    def _record(self, verb: Record | MaskRecording | UnmaskRecording) -> None:
        recording = self._here.switchboard.call_of(verb.contact_id).recording
        me = self._agent_id
        match verb:
            case Record(on=True):
                recording.start(me, me)
            case Record():
                recording.stop(me)
            case MaskRecording(reason=reason):
                recording.mask(me, me, reason)
            case UnmaskRecording():
                recording.unmask(me, me)

    def _supervise(self, verb: Listen | StopListening | TakeOver) -> None:
        self._who.need("calls.listen")
        match verb:
            case Listen(contact_id=contact_id, mode=mode, agent_id=agent_id):
                call = call_in_sight(self._here, contact_id, self._who, agent_id)
                call.supervision.listen(self._agent_id, Mode(mode), agent_id)
            case StopListening(contact_id=contact_id):  # wherever it went meanwhile
                self._here.switchboard.call_of(contact_id).supervision.stop(self._agent_id)
            case TakeOver(contact_id=contact_id):
                call = call_in_sight(self._here, contact_id, self._who)
                call.supervision.take_over(self._agent_id)

    def view(self, contact_id: str) -> TalkView | None:
        """What the agent does in this call; None if it is over, or not theirs."""
        try:
            parts = self._control(contact_id).parts()
        except CallError:
            return None
        for part in parts:
            if part.name == self._agent_id and part.state is not None:
                return TalkView(contact_id=contact_id, state=part.state, muted=part.muted)
        return None

    def _control(self, contact_id: str) -> CallControl:
        return self._here.switchboard.call_of(contact_id).control


def _target(verb: Transfer | Consult) -> Target:
    match verb.to:
        case "agent":
            return ToAgent(verb.target)
        case "queue":
            return ToQueue(verb.target)
        case "number":
            return ToNumber(verb.target)
