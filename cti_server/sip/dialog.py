"""
Dialogs (RFC 3261 §12): who talks with whom, by which route, and in which order. Pure.

A dialog knows nothing of offers, ACKs or timers; the session above it does.
"""

from dataclasses import dataclass, field

from .errors import SipParseError
from .grammar import split_list
from .message import Headers, Request, Response
from .transport import Flow
from .uri import NameAddr, Uri

DialogId = tuple[str, str, str]
"""Call-ID, our tag, their tag ("" of an RFC 2543 peer)."""


class NoRemoteTarget(SipParseError):
    """The message that should found a dialog has no usable Contact."""

    def __init__(self) -> None:
        super().__init__(400, "Missing Or Bad Contact")


@dataclass(slots=True)
class Dialog:
    """One peer-to-peer relationship; of an INVITE with forks there are several."""

    sip_call_id: str
    local_tag: str
    remote_tag: str
    local: str
    """Our From value in requests, with the tag, as it first stood on the wire."""
    remote: str
    """Our To value in requests."""
    remote_target: str
    """Where the other side wants requests: the URI of its last Contact."""
    route_set: tuple[str, ...] = ()
    local_sequence: int = 0
    remote_sequence: int | None = None
    flow: Flow | None = None
    """If set, requests that need no route go this way: to a phone behind a NAT, or on its TCP."""
    hop: "Hop | None" = field(default=None, init=False)

    @property
    def id(self) -> DialogId:
        return (self.sip_call_id, self.local_tag, self.remote_tag)

    @classmethod
    def as_server(cls, invite: Request, local_tag: str) -> "Dialog":
        """The dialog that our tagged response to an INVITE founds (§12.1.1)."""
        return cls(
            sip_call_id=invite.sip_call_id,
            local_tag=local_tag,
            remote_tag=invite.from_.tag or "",
            local=f"{invite.headers.get('To')};tag={local_tag}",
            remote=invite.headers.get("From") or "",
            remote_target=_contact(invite),
            route_set=tuple(invite.headers.get_list("Record-Route")),
            remote_sequence=invite.cseq.number,
        )

    @classmethod
    def as_client(cls, invite: Request, response: Response) -> "Dialog":
        """
        The dialog that a tagged response to our INVITE founds (§12.1.2).

        A 2xx must have a Contact; of a peer that forgets it we know at least whom we called.
        """
        return cls(
            sip_call_id=invite.sip_call_id,
            local_tag=invite.from_.tag or "",
            remote_tag=response.to.tag or "",
            local=invite.headers.get("From") or "",
            remote=response.headers.get("To") or "",
            remote_target=_contact(response) if "Contact" in response.headers else invite.uri,
            route_set=tuple(reversed(response.headers.get_list("Record-Route"))),
            local_sequence=invite.cseq.number,
        )

    def in_order(self, request: Request) -> bool:
        """Take in a request's CSeq; False if an older one comes too late (§12.2.2)."""
        number = request.cseq.number
        if self.remote_sequence is not None and number <= self.remote_sequence:
            return False
        self.remote_sequence = number
        return True

    def retarget(self, target: str | None) -> None:
        """Take over a new remote target (§12.2), as :func:`new_target` found it."""
        if target is not None and target != self.remote_target:
            self.remote_target = target
            self.hop = None

    def next_sequence(self) -> int:
        self.local_sequence += 1
        return self.local_sequence

    def request(self, method: str, *, via: str, sequence: int | None = None) -> Request:
        """
        A request within the dialog (§12.2.1.1). ``sequence`` is given for an ACK only.

        A first route without ``lr`` is an RFC 2543 strict router: it stands in the Request-URI.
        """
        number = self.next_sequence() if sequence is None else sequence
        uri, routes = self.remote_target, self.route_set
        if routes and not self._loose:
            first = NameAddr.parse(routes[0]).uri
            uri, routes = str(first), (*routes[1:], f"<{self.remote_target}>")
        items = [
            ("Via", via),
            *[("Route", route) for route in routes],
            ("Max-Forwards", "70"),
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.sip_call_id),
            ("CSeq", f"{number} {method}"),
        ]
        return Request(method, uri, Headers(items))

    def next_hop(self) -> "Hop":
        """Where requests go: to the first route, else to the remote target (§8.1.2)."""
        if self.hop is None:
            if self.route_set:
                self.hop = Hop.of(NameAddr.parse(self.route_set[0]).uri)
            else:
                self.hop = Hop.of(Uri.parse(self.remote_target))
        return self.hop

    @property
    def _loose(self) -> bool:
        return NameAddr.parse(self.route_set[0]).uri.param("lr") is not None


@dataclass(frozen=True, slots=True)
class Hop:
    """Where to send a request, before any name is looked up."""

    transport: str
    host: str
    port: int

    @classmethod
    def of(cls, uri: Uri) -> "Hop":
        """Read it from a SIP URI (RFC 3263 §4 without NAPTR and SRV). Raises SipParseError."""
        transport = (uri.param("transport") or "udp").lower()
        if uri.scheme == "sips":
            transport = "tls"
        elif uri.scheme != "sip":
            raise SipParseError(416, "Unsupported URI Scheme")
        host = uri.param("maddr") or uri.host
        return cls(transport, host, uri.port or (5061 if transport == "tls" else 5060))


def way_back(contact: Uri, flow: Flow) -> Flow | None:
    """
    The flow to keep a phone on, whatever its Contact says: its connection, or the hole in its NAT.

    None if the Contact names the address that the phone really sends from: then it is believed.
    """
    return flow if flow.reliable or contact.host != flow.host else None


def new_target(message: Request | Response) -> str | None:
    """
    The remote target that a re-INVITE, an UPDATE or a 2xx to ours brings; None if it brings none.

    Raises NoRemoteTarget or SipParseError if it can't be used.
    """
    return _contact(message) if "Contact" in message.headers else None


def _contact(message: Request | Response) -> str:
    """The URI of the first Contact, as on the wire."""
    line = message.headers.get("Contact")
    if line is None or line == "*":
        raise NoRemoteTarget
    uri = NameAddr.parse(split_list(line)[0]).uri
    if uri.scheme not in ("sip", "sips") or not uri.host:
        raise NoRemoteTarget
    return str(uri)
