"""
Agents' phones, and anybody else's: one port, :class:`Phone`, whatever rings.

An agent's phone is registered with us, is any SIP URI or telephone number, or is the desktop in the
agent's browser.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from cti_server.floor.profile import BROWSER_PHONE
from cti_server.sip.registration import Binding
from cti_server.sip.sdp import Sdp
from cti_server.sip.session import SessionListener
from cti_server.sip.transport import Flow

from . import termination
from .leg import Leg
from .number_plan import DiallingRefused
from .sip_session import Dialog, SipSessions

Transport = Literal["rtp", "web"]
"""What kind of media leg a phone needs: an RTP port, or a place at the browsers' shared port."""


AUTO_ANSWER: Final = (
    ("Call-Info", "<sip:auto-answer.invalid>;answer-after=0"),
    ("Alert-Info", "<http://auto-answer.invalid>;info=alert-autoanswer;delay=0"),
    ("Answer-Mode", "Auto"),
)
"""How a SIP phone is asked to pick up by itself: phones know one or the other. The first is snom's,
Grandstream's and Cisco's, the second Yealink's and Polycom's; RFC 5373 has the third. Others ring:
linphone 5.1, baresip 1.0 and pjsua 2.14 know none of them and mind none."""


class PhoneUnreachable(Exception):
    """The agent has no phone that could ring now."""

    def __init__(self, agent_id: str, why: str = "has no registered phone") -> None:
        super().__init__(f"agent {agent_id} {why}")
        self.agent_id = agent_id


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a phone is rung for."""

    caller_number: str
    """Shown to whom is called; may be empty."""
    codec: str
    """Of the party that they will talk with: offered first, so that it can be relayed."""
    contact_id: str
    interaction_id: str | None = None
    """The offer's; None where no agent is rung."""
    queue: str | None = None
    """On whose behalf: the queue's own number may be what is shown."""
    comfort_noise: bool = False
    """Whether the party that they will talk with has agreed on it: offered only then."""
    auto_answer: bool = False
    """The phone is asked to pick up by itself; whoever can, does."""


class Phone(Protocol):
    """How one party is reached."""

    @property
    def transport(self) -> Transport:
        """What media the leg is to be opened with before :meth:`ring`."""

    def address(self) -> str:
        """Where it is, for the records. Raises PhoneUnreachable."""

    async def ring(self, leg: Leg, invitation: Invitation) -> None:
        """
        Ring it for a leg whose media is open; the leg tells what becomes of it.

        Returns when the ringing is under way, not when it is answered. Raises PhoneUnreachable and
        SipError.
        """


class CallsOut(Protocol):
    """What places SIP calls: :class:`.outbound.Outbound`."""

    def call(
        self,
        target: str,
        *,
        offer: Sdp,
        listener: SessionListener,
        caller_number: str = "",
        queue: str | None = None,
        flow: Flow | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> Dialog: ...


@dataclass(frozen=True, slots=True)
class SipPhones:
    """What every SIP phone rings with."""

    calls_out: CallsOut
    sessions: SipSessions

    def ring(self, leg: Leg, invitation: Invitation, uri: str, flow: Flow | None = None) -> None:
        """
        Send the INVITE. A number that cannot be dialled ends the leg, with the cause.

        Raises SipError.
        """
        session = self.sessions.begin(leg)
        try:
            dialog = self.calls_out.call(
                uri,
                offer=session.propose(
                    like=invitation.codec, comfort_noise=invitation.comfort_noise
                ),
                listener=session,
                caller_number=invitation.caller_number,
                queue=invitation.queue,
                flow=flow,
                headers=AUTO_ANSWER if invitation.auto_answer else (),
            )
        except DiallingRefused as refused:
            leg.let_go(termination.of_refusal(refused.cause))
        else:
            session.attach(dialog)


@dataclass(frozen=True, slots=True)
class RemotePhone:
    """Any SIP URI or telephone number: a desk phone elsewhere, a remote expert, a machine."""

    uri: str
    sip: SipPhones

    @property
    def transport(self) -> Transport:
        return "rtp"

    def address(self) -> str:
        return self.uri

    async def ring(self, leg: Leg, invitation: Invitation) -> None:
        self.sip.ring(leg, invitation, self.uri)


@dataclass(frozen=True, slots=True)
class RegisteredPhone:
    """A SIP phone that registered here; of several, the one that registered last."""

    agent_id: str
    bindings: Callable[[str], Sequence[Binding]]  # the latest registration first
    sip: SipPhones

    @property
    def transport(self) -> Transport:
        return "rtp"

    def address(self) -> str:
        return self._newest().contact_uri

    async def ring(self, leg: Leg, invitation: Invitation) -> None:
        newest = self._newest()
        self.sip.ring(leg, invitation, newest.contact_uri, newest.flow)

    def _newest(self) -> Binding:
        bindings = self.bindings(self.agent_id)
        if not bindings:
            raise PhoneUnreachable(self.agent_id)
        return bindings[0]


class Phones:
    """Everybody's phones: the agents' by id, anybody's by URI or number."""

    def __init__(
        self,
        phone_of: Callable[[str], str | None],
        bindings: Callable[[str], Sequence[Binding]],
        sip: SipPhones,
        browser: Callable[[str], Phone] | None = None,
    ) -> None:
        """
        ``phone_of`` says what an agent's phone is: a URI or number, BROWSER_PHONE, or None for the
        one that registers. ``browser`` gives the phone in the desktop of an agent.
        """
        self._phone_of = phone_of
        self._bindings = bindings
        self._sip = sip
        self._browser = browser

    def of(self, agent_id: str) -> Phone:
        """Raises PhoneUnreachable where the agent's phone is of a kind that cannot be rung here."""
        where = self._phone_of(agent_id)
        if where is None:
            return RegisteredPhone(agent_id, self._bindings, self._sip)
        if where != BROWSER_PHONE:
            return self.at(where)
        if self._browser is None:
            raise PhoneUnreachable(agent_id, "has a phone in the browser, and none is served")
        return self._browser(agent_id)

    def at(self, target: str) -> Phone:
        """Whoever answers at this SIP URI or telephone number."""
        return RemotePhone(target, self._sip)
