"""A phone's registration at its registrar, renewed as long as it is wanted (RFC 3261 §10.2)."""

import asyncio
import contextlib
from typing import Final

from cti_server.sip.core import ALLOW
from cti_server.sip.dialog import Hop
from cti_server.sip.dialog_request import Credentials, authorization
from cti_server.sip.errors import SipError, SipParseError
from cti_server.sip.message import Headers, Request, Response
from cti_server.sip.transport import Flow
from cti_server.sip.uri import Uri

from .line import PhoneLine

LIFETIME: Final = 300  # seconds that are asked for
RENEWED_AFTER: Final = 0.8  # of what was granted
REMOVED_WITHIN: Final = 2.0  # seconds; a registrar that is gone must not hold us up


class RegistrationRefused(SipError):
    """The registrar does not want the phone, or does not answer (408, 503)."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"not registered: {status} {reason}")
        self.status = status


class Registration:
    """One address of record at one registrar; also the user of its transactions."""

    def __init__(self, line: PhoneLine, registrar: Uri, user: str, password: str | None) -> None:
        self._line = line
        self._registrar = registrar
        self._user = user
        self._credentials = None if password is None else Credentials(user, password)
        self._aor = str(Uri("sip", user, host=registrar.host))
        self._sip_call_id = line.core.token()
        self._tag = line.core.token()
        self._sequence = 0
        self._lifetime = LIFETIME
        self._flow: Flow | None = None
        self._request: Request | None = None
        self._challenged = False
        self._outcome: asyncio.Future[Response] | None = None
        self._renewal: asyncio.TimerHandle | None = None

    async def add(self) -> None:
        """Register, and keep it up. Raises RegistrationRefused."""
        response = await self._change(LIFETIME)
        loop = asyncio.get_running_loop()
        self._renewal = loop.call_later(self._granted(response) * RENEWED_AFTER, self._renew)

    async def remove(self) -> None:
        """Say goodbye; a registrar that does not answer forgets us by itself."""
        if self._renewal is None:
            return
        self._renewal.cancel()
        try:
            async with asyncio.timeout(REMOVED_WITHIN):
                await self._change(0)
        except (TimeoutError, RegistrationRefused):
            return

    def received(self, response: Response) -> None:
        """A response came (as the transaction's user)."""
        if response.status < 200:
            return
        if self._answered_challenge(response):
            return
        if response.status // 100 == 2:
            self._finish(response)
        else:
            self._finish(RegistrationRefused(response.status, response.reason))

    def gave_up(self, status: int) -> None:
        """No response came (as the transaction's user)."""
        self._finish(RegistrationRefused(status, "No Answer" if status == 408 else "Unreachable"))

    async def _change(self, lifetime: int) -> Response:
        self._lifetime = lifetime
        self._challenged = False
        self._outcome = asyncio.get_running_loop().create_future()
        self._line.core.flow_to(Hop.of(self._registrar), self._way_found)
        return await self._outcome

    def _renew(self) -> None:
        """Without waiting: whether it went well is seen when the phone is called."""
        self._challenged = False
        self._line.core.flow_to(Hop.of(self._registrar), self._way_found)
        loop = asyncio.get_running_loop()
        self._renewal = loop.call_later(LIFETIME * RENEWED_AFTER, self._renew)

    def _way_found(self, flow: Flow | None) -> None:
        if flow is None:
            self.gave_up(503)
            return
        self._flow = flow
        self._send(())

    def _send(self, extra: tuple[tuple[str, str], ...]) -> None:
        if self._flow is None:
            return
        core = self._line.core
        self._sequence += 1
        headers = Headers()
        headers.add("Via", core.via(self._flow))
        headers.add("Max-Forwards", "70")
        headers.add("From", f"<{self._aor}>;tag={self._tag}")
        headers.add("To", f"<{self._aor}>")
        headers.add("Call-ID", self._sip_call_id)
        headers.add("CSeq", f"{self._sequence} REGISTER")
        headers.add("Contact", core.contact(self._flow, self._user))
        headers.add("Expires", str(self._lifetime))
        headers.add("Allow", ALLOW)
        for name, value in extra:
            headers.add(name, value)
        self._request = Request("REGISTER", str(self._registrar), headers, b"")
        core.transactions.request(self._request, self._flow, self)

    def _answered_challenge(self, response: Response) -> bool:
        if self._challenged or self._request is None:
            return False
        answer = authorization(self._line.core, self._request, response, self._credentials)
        if answer is None:
            return False
        self._challenged = True
        self._send((answer,))
        return True

    def _finish(self, outcome: Response | RegistrationRefused) -> None:
        if self._outcome is None or self._outcome.done():
            return
        if isinstance(outcome, Response):
            self._outcome.set_result(outcome)
        else:
            self._outcome.set_exception(outcome)

    def _granted(self, response: Response) -> int:
        """Seconds that the registrar gives us (§10.2.4), in its Contact or its Expires."""
        with contextlib.suppress(SipParseError):
            for contact in response.contacts:
                lifetime = contact.param("expires")
                if contact.uri.user == self._user and lifetime and lifetime.isdigit():
                    return max(1, int(lifetime))
            return response.expires or LIFETIME
        return LIFETIME
