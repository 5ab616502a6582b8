"""The project's user agent as phones use it: it takes calls from anybody, and can register."""

import socket
from collections.abc import Callable

from cti_server.sip.authentication import Accounts
from cti_server.sip.core import CoreSettings
from cti_server.sip.doors import OnCall
from cti_server.sip.message import Request, Response
from cti_server.sip.overload import Overload, OverloadLimits
from cti_server.sip.transport import Flow, Listen
from cti_server.sip.trunks import Trunk
from cti_server.sip.user_agent import UserAgent

REALM = "phones.invalid"
ANYBODY = Trunk("anybody", ("0.0.0.0/0", "::/0"))
_UNBOUNDED = OverloadLimits(calls_per_second=1e5, burst=1e5, open_calls=10**6)


class PhoneLine(UserAgent):
    """One SIP socket that any number of phones share."""

    def __init__(
        self,
        listen: Listen,
        on_call: OnCall,
        *,
        name: str = "Hotline phone",
        accounts: Accounts | None = None,
        on_message: Callable[[Request | Response], None] | None = None,
    ) -> None:
        """
        ``on_message`` hears every message that came, after it was dealt with. With ``accounts``
        only they are served, by digest, as a carrier does it; else everybody is.
        """
        super().__init__(
            listen=[listen],
            realm=REALM,
            trunks=[ANYBODY] if accounts is None else [],
            accounts=accounts,
            overload=Overload(_UNBOUNDED),
            settings=CoreSettings(server_name=name, ping_interval=None),
            on_call=on_call,
        )
        self._on_message = on_message

    def received(self, message: Request | Response, flow: Flow) -> None:
        super().received(message, flow)
        if self._on_message is not None:
            self._on_message(message)


def address_towards(host: str, port: int) -> str:
    """
    The address of ours that packets to that host leave from; nothing is sent to find it.

    Raises OSError if the host is unknown or out of reach.
    """
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect(address)
        return str(probe.getsockname()[0])
