"""An OPTIONS outside any dialog: whether a peer is there at all (RFC 3261 §11.1)."""

from collections.abc import Callable

from .core import ACCEPT, Core
from .dialog import Hop
from .errors import SipParseError
from .message import Headers, Request, Response
from .transport import Flow
from .uri import Uri


class OptionsQuestion:
    """
    Asked once. ``answered`` hears the final status, whatever it is: a challenge is an answer, too;
    ``unanswered``: nobody was there, or no way leads there. One of the two is called, later.
    """

    def __init__(
        self,
        core: Core,
        target: str,
        from_uri: str,
        *,
        answered: Callable[[int], None],
        unanswered: Callable[[], None],
    ) -> None:
        self._core = core
        self._target = target
        self._from_uri = from_uri
        self._answered = answered
        self._unanswered = unanswered

    def ask(self) -> None:
        try:
            hop = Hop.of(Uri.parse(self._target))
        except SipParseError:
            self._core.network.soon(self._unanswered)
            return
        self._core.flow_to(hop, self._way_found)

    def received(self, response: Response) -> None:
        if response.status >= 200:
            self._answered(response.status)

    def gave_up(self, status: int) -> None:
        self._unanswered()

    def _way_found(self, flow: Flow | None) -> None:
        if flow is None:
            self._core.network.soon(self._unanswered)
            return
        self._core.transactions.request(self._request(flow), flow, self)

    def _request(self, flow: Flow) -> Request:
        core = self._core
        items = [
            ("Via", core.via(flow)),
            ("Max-Forwards", "70"),
            ("From", f"<{self._from_uri}>;tag={core.token()}"),
            ("To", f"<{self._target}>"),
            ("Call-ID", core.token() + core.token()),
            ("CSeq", "1 OPTIONS"),
            ("Contact", core.contact(flow)),
            ("Accept", ACCEPT),
            ("User-Agent", core.settings.server_name),
        ]
        return Request("OPTIONS", self._target, Headers(items))
