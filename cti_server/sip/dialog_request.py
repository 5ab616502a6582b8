"""One request of ours within a dialog, from its way out to its final response."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from .core import Core, add_headers
from .dialog import Dialog
from .digest import authorize
from .message import Request, Response
from .transport import Flow

Done = Callable[[int, Response | None], None]
"""Hears the final status; without a response it is 408 (nobody answered) or 503 (can't be sent)."""


class Credentials(NamedTuple):
    """What we answer a peer's challenge with."""

    username: str
    password: str


def authorization(
    core: Core, request: Request, response: Response, credentials: Credentials | None
) -> tuple[str, str] | None:
    """The header that answers a 401 or 407; None if it can't be answered."""
    if credentials is None or response.status not in (401, 407):
        return None
    proxy = response.status == 407
    challenges = response.headers.get_all("Proxy-Authenticate" if proxy else "WWW-Authenticate")
    value = authorize(
        challenges,
        method=request.method,
        uri=request.uri,
        username=credentials.username,
        password=credentials.password,
        body=request.body,
        cnonce=core.token(),
    )
    if value is None:
        return None
    return ("Proxy-Authorization" if proxy else "Authorization", value)


def copy_credentials(invite: Request, ack: Request) -> None:
    """The ACK of a 2xx carries what authorised its INVITE (RFC 3261 §13.2.2.4)."""
    for name in ("Authorization", "Proxy-Authorization"):
        value = invite.headers.get(name)
        if value is not None:
            ack.headers.add(name, value)


class DialogRequest:
    """A request other than INVITE; a challenge is answered once."""

    def __init__(
        self,
        core: Core,
        dialog: Dialog,
        method: str,
        *,
        done: Done,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
        content_type: str | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        self._core = core
        self._dialog = dialog
        self._method = method
        self._done = done
        self._headers = list(headers)
        self._body = body
        if content_type is not None:
            self._headers.append(("Content-Type", content_type))
        self._credentials = credentials
        self._request: Request | None = None

    def send(self) -> None:
        self._core.flow_of(self._dialog, self._send_on)

    def _send_on(self, flow: Flow | None) -> None:
        if flow is None:
            self._core.network.soon(lambda: self._done(503, None))
            return
        request = self._dialog.request(self._method, via=self._core.via(flow))
        add_headers(request, self._headers)
        request.body = self._body
        self._request = request
        self._core.transactions.request(request, flow, self)

    def received(self, response: Response) -> None:
        if response.status < 200:
            return
        if self._request is not None:
            answer = authorization(self._core, self._request, response, self._credentials)
            if answer is not None:
                self._credentials = None
                self._headers.append(answer)
                self.send()
                return
        self._done(response.status, response)

    def gave_up(self, status: int) -> None:
        self._done(status, None)
