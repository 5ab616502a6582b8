"""A caller who comes by SIP: a :class:`.caller_line.CallerLine` that is an INVITE."""

from cti_server.media.plane import MediaPlane, MediaUnavailable
from cti_server.sip.errors import SipError
from cti_server.sip.incoming_call import IncomingCall
from cti_server.sip.offer_answer import NoCommonCodec
from cti_server.sip.session import DEAF, SessionListener

from . import termination
from .caller_line import Called
from .leg import Leg
from .sip_session import SipSession, SipSessions
from .termination import Over


class SipCaller:
    """Between an INVITE and the call that comes of it."""

    def __init__(self, incoming: IncomingCall, sessions: SipSessions) -> None:
        self.called = Called(
            caller_number=incoming.caller_number,
            dialled_number=incoming.dialled_number,
            original_number=incoming.original_number,
            trunk=incoming.identity.name,
            address=_address(incoming),
            sip_call_id=incoming.sip_call_id,
        )
        self._incoming = incoming
        self._sessions = sessions
        self._session: SipSession | None = None

    @property
    def listener(self) -> SessionListener:
        """Who hears the INVITE's session from now on."""
        return DEAF if self._session is None else self._session

    def turn_away(self) -> None:
        self._incoming.refuse(404)

    def connect(self, leg: Leg) -> None:
        self._session = self._sessions.begin(leg, self.called.trunk)
        self._session.attach(self._incoming)

    async def pick_up(self, plane: MediaPlane) -> None:
        if self._session is None:
            raise RuntimeError("there is no call yet")
        session, leg = self._session, self._session.leg
        try:
            await leg.open_media(plane)
        except MediaUnavailable as error:
            self._incoming.refuse(503, headers=[("Retry-After", "5")])
            raise Over(termination.MEDIA_UNAVAILABLE) from error
        if leg.over.is_set():  # gave up while a port was found
            raise Over(leg.termination or termination.SESSION_GONE)
        offer = self._incoming.offer
        if offer is None:
            self._incoming.answer(session.propose())
            await leg.settled()  # if it is not, the caller's watch ends the call
            return
        try:
            answer = session.accept(offer)
        except (NoCommonCodec, SipError) as error:
            self._incoming.refuse(488)
            raise Over(termination.NO_COMMON_CODEC) from error
        self._incoming.answer(answer)
        leg.mark_connected()


def _address(incoming: IncomingCall) -> str:
    """The URI that called; empty if From has none, and the trunk says it elsewhere."""
    try:
        return str(incoming.request.from_.uri)
    except SipError:
        return ""
