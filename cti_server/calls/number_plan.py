"""
Which trunks reach a telephone number, and as whom. Pure: everything it knows is in its arguments.

Only what a route names can be dialled: without routes no call goes out, and a route without trunks
bars its prefix. Emergency numbers are refused whatever the routes say: a call to them must show
the place that it comes from and must not depend on this server, so people dial them on their own
phones.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from phonenumbers import shortnumberinfo

from config.floor import QueueSettings
from config.overflows import Misled, number_led_to, ways_of
from config.sip import OutboundSettings, RouteSettings, TrunkSettings
from crm.numbers import NumberKind, mask, normalise
from cti_server.sip.errors import SipParseError
from cti_server.sip.uri import Uri

from .errors import CallError

EMERGENCY_ANYWHERE = frozenset({"112", "911"})
"""Recognised in every country (ITU-T E.161.1), beside the country's own."""

ANONYMOUS = "sip:anonymous@anonymous.invalid"
"""Where there is nobody to name (RFC 3323 §4.1.1.3)."""


class DiallingRefused(CallError):
    """This call cannot be placed. ``cause`` is one word of a closed list, for desktop and log."""

    cause = "refused"


class NotANumber(DiallingRefused):
    cause = "not-a-number"

    def __init__(self) -> None:
        super().__init__("this is no telephone number")


class EmergencyNumber(DiallingRefused):
    cause = "emergency-number"

    def __init__(self) -> None:
        super().__init__("emergency numbers are not dialled through this server")


class NumberBarred(DiallingRefused):
    cause = "barred-number"

    def __init__(self, number: str, prefix: str) -> None:
        super().__init__(f"numbers that begin with {prefix} are barred: {mask(number)}")


class NoTrunkForNumber(DiallingRefused):
    cause = "no-trunk-for-number"

    def __init__(self, number: str) -> None:
        super().__init__(f"no route leads to {mask(number)}")


class BadNumberPlan(Exception):
    """The trunks and routes do not fit together; each problem names its key and the rule."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class Way:
    """How one trunk reaches a number: what to send there, and as whom."""

    trunk: str
    target: str  # the Request-URI
    from_uri: str
    shown: str  # the number that the called party sees; empty if none
    headers: tuple[tuple[str, str], ...] = ()
    credentials: tuple[str, str] | None = field(default=None, repr=False)


def is_uri(target: str) -> bool:
    """Whether this is a SIP URI, called where it says; everything else is a telephone number."""
    return target.lower().startswith(("sip:", "sips:"))


class NumberPlan:
    """The routes, the longest prefix first, and the trunks that they name."""

    def __init__(
        self,
        trunks: Iterable[TrunkSettings] = (),
        routes: Iterable[RouteSettings] = (),
        *,
        region: str,
        realm: str,
        caller_ids: Mapping[str, str | None] | None = None,
    ) -> None:
        """
        ``region`` is where national numbers are from, ``realm`` our name in From where the trunk
        wants no other, ``caller_ids`` what each queue shows, read at each call.

        Raises BadNumberPlan.
        """
        trunks, routes = tuple(trunks), tuple(routes)
        self._outbound = {each.name: each.outbound for each in trunks if each.outbound is not None}
        if problems := [*_same_names(trunks), *_problems(self._outbound, routes)]:
            raise BadNumberPlan(problems)
        self._routes = sorted(routes, key=lambda route: -len(route.prefix))
        self._region = region
        self._realm = realm
        self._caller_ids = {} if caller_ids is None else caller_ids

    @property
    def channels(self) -> dict[str, int | None]:
        """How many calls each trunk takes from us at once."""
        return {name: outbound.channels for name, outbound in self._outbound.items()}

    @property
    def peers(self) -> dict[str, tuple[str, str]]:
        """Each trunk that takes calls: its own URI, and as whom we speak to it."""
        return {
            name: (
                str(_peer(outbound.to)),
                str(Uri("sip", outbound.username, host=outbound.domain or self._realm)),
            )
            for name, outbound in self._outbound.items()
        }

    def ways(
        self, dialled: str, *, queue: str | None = None, caller_number: str = ""
    ) -> tuple[Way, ...]:
        """
        The trunks for a number, as it was dialled or stored, the preferred one first.

        ``queue``: on whose behalf. ``caller_number``: the customer whose call is led on.

        Raises DiallingRefused.
        """
        number = self._number(dialled)
        route = next((each for each in self._routes if number.startswith(each.prefix)), None)
        if route is None:
            raise NoTrunkForNumber(number)
        if not route.trunks:
            raise NumberBarred(number, route.prefix)
        wanted = route.prefix if route.dial_as is None else route.dial_as
        user = wanted + number.removeprefix(route.prefix)
        return tuple(self._way(name, user, queue, caller_number) for name in route.trunks)

    def _number(self, dialled: str) -> str:
        """In the form in which prefixes are compared: E.164 if it can be completed."""
        return dialable(dialled, self._region)

    def _way(self, trunk: str, user: str, queue: str | None, caller_number: str) -> Way:
        outbound = self._outbound[trunk]
        peer = _peer(outbound.to)
        target = Uri(peer.scheme, user, host=peer.host, port=peer.port, params=peer.params)
        shown = self._shown(outbound, queue, caller_number)
        from_uri = ANONYMOUS
        headers: tuple[tuple[str, str], ...] = ()
        if shown:
            from_uri = str(Uri("sip", shown, host=outbound.domain or self._realm))
            headers = (("P-Asserted-Identity", f"<{from_uri}>"),)  # RFC 3325 §9.1
        credentials = None
        if outbound.username is not None and outbound.password is not None:
            credentials = (outbound.username, outbound.password.get_secret_value())
        return Way(trunk, str(target), from_uri, shown, headers, credentials)

    def _shown(self, outbound: OutboundSettings, queue: str | None, caller_number: str) -> str:
        """Whose number the called party sees."""
        if caller_number and outbound.shows_caller:
            return caller_number
        of_queue = self._caller_ids.get(queue) if queue is not None else None
        return of_queue or outbound.caller_id or outbound.username or ""


def dialable(dialled: str, region: str) -> str:
    """
    A telephone number in the form in which it is stored, if anybody may dial it at all.

    Raises NotANumber and EmergencyNumber.
    """
    number = normalise(dialled, region)
    if number.kind in {NumberKind.NAME, NumberKind.WITHHELD}:
        raise NotANumber
    emergency = shortnumberinfo.is_emergency_number(number.text, region)
    if emergency or number.text in EMERGENCY_ANYWHERE:
        raise EmergencyNumber
    return number.text


def unreachable(queues: Iterable[QueueSettings], region: str) -> Iterator[Misled]:
    """The ways out of these queues that lead to what is no number, or to none to be dialled."""
    for queue in queues:
        for place, then in ways_of(queue).items():
            if (number := number_led_to(then)) is None:
                continue
            try:
                Uri.parse(number) if is_uri(number) else dialable(number, region)
            except SipParseError:
                yield Misled(queue.name, place, f"{number!r} is no SIP URI")
            except DiallingRefused as refused:
                yield Misled(queue.name, place, str(refused))


def _same_names(trunks: Sequence[TrunkSettings]) -> Iterator[str]:
    names = [trunk.name for trunk in trunks]
    for name in sorted({each for each in names if names.count(each) > 1}):
        yield f"sip.trunks: {name!r} is there twice"


def _problems(
    outbound: Mapping[str, OutboundSettings], routes: Sequence[RouteSettings]
) -> Iterator[str]:
    for name, settings in outbound.items():
        try:
            uri = _peer(settings.to)
        except SipParseError:
            yield f"sip.trunks {name!r}: outbound.to: {settings.to!r} is no SIP URI or host"
            continue
        transport = (uri.param("transport") or "udp").lower()
        if uri.scheme != "sip" or transport not in {"udp", "tcp"}:
            yield f"sip.trunks {name!r}: outbound.to: only sip: over udp or tcp can be reached"
        if uri.user is not None:
            yield f"sip.trunks {name!r}: outbound.to: the number takes the user's place, leave it"
    prefixes = [route.prefix for route in routes]
    for prefix in sorted({each for each in prefixes if prefixes.count(each) > 1}):
        yield f"routes: the prefix {prefix!r} is there twice"
    for route in routes:
        for name in route.trunks:
            if name not in outbound:
                yield f"routes {route.prefix!r}: there is no trunk {name!r} with outbound"


def _peer(text: str) -> Uri:
    """``sip:gw.example;transport=tcp`` or ``192.0.2.1:5060``. Raises SipParseError."""
    return Uri.parse(text if is_uri(text) else f"sip:{text}")
