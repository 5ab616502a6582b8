"""
Session descriptions (RFC 8866), as far as audio calls need them. Pure.

Reading is tolerant: LF alone ends a line, t= may be missing, unknown lines are kept as they are.
What is read here is what RFC 3264 needs; who wants more finds it among the attributes.
"""

from dataclasses import dataclass, field
from itertools import pairwise

from .errors import SdpError
from .grammar import is_ipv6

__all__ = ["AUDIO_DIRECTIONS", "MediaDescription", "Origin", "Sdp", "SdpError"]

AUDIO_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")

_MAX_OCTETS = 16384
_MAX_LINES = 512
_MAX_MEDIA = 32
_MAX_FORMATS = 64

Attribute = tuple[str, str | None]
"""``a=name:value``, or ``a=name`` with None."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The o= line: who wrote this description, and which version of it this is."""

    username: str = "-"
    session_id: str = "0"
    version: str = "0"
    host: str = "0.0.0.0"  # noqa: S104 - a name on the wire, nothing is bound

    def __str__(self) -> str:
        address = format_address(self.host)
        return f"{self.username} {self.session_id} {self.version} {address}"


@dataclass(frozen=True, slots=True)
class MediaDescription:
    """One m= section."""

    kind: str
    port: int
    protocol: str = "RTP/AVP"
    formats: tuple[str, ...] = ()
    host: str | None = None
    """Of its own c= line; None if it has none."""
    attributes: tuple[Attribute, ...] = ()
    lines: tuple[str, ...] = ()
    """Its other lines as they came, but for m=, c= and a=."""

    @property
    def rejected(self) -> bool:
        return self.port == 0

    @property
    def direction(self) -> str | None:
        """Its own direction attribute, None if it has none."""
        return _direction(self.attributes)

    @property
    def ptime(self) -> int | None:
        """Milliseconds of audio a packet, if it says so sensibly."""
        return self._milliseconds("ptime")

    @property
    def maxptime(self) -> int | None:
        """Milliseconds of audio that a packet may hold at most, if it says so sensibly."""
        return self._milliseconds("maxptime")

    def attribute(self, name: str) -> str | None:
        """The first attribute of that name, "" if it has no value; None if it is not there."""
        for known, value in self.attributes:
            if known == name:
                return value or ""
        return None

    def rtpmaps(self) -> dict[str, str]:
        """What its payload types stand for, as far as it says so: ``{"0": "PCMU/8000"}``."""
        return self._by_payload("rtpmap")

    def fmtps(self) -> dict[str, str]:
        """The format parameters by payload type."""
        return self._by_payload("fmtp")

    def _milliseconds(self, name: str) -> int | None:
        value = self.attribute(name) or ""
        if not (value.isdigit() and value.isascii() and len(value) <= 4):
            return None
        return int(value) or None

    def _by_payload(self, name: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for known, value in self.attributes:
            if known == name and value:
                payload, _, rest = value.strip().partition(" ")
                found.setdefault(payload, rest.strip())
        return found

    def to_lines(self) -> list[str]:
        formats = " ".join(self.formats) or "0"
        written = [f"m={self.kind} {self.port} {self.protocol} {formats}"]
        if self.host is not None:
            written.append(f"c={format_address(self.host)}")
        return written + list(self.lines) + _attribute_lines(self.attributes)


@dataclass(frozen=True, slots=True)
class Sdp:
    """A whole description: its session level, and its media in order."""

    origin: Origin
    host: str | None = None
    """Of the session's c= line; None if it has none."""
    attributes: tuple[Attribute, ...] = ()
    media: tuple[MediaDescription, ...] = ()
    name: str = "-"
    lines: tuple[str, ...] = ("t=0 0",)
    """The session's other lines as they came, but for v=, o=, s=, c= and a=."""

    @classmethod
    def parse(cls, data: bytes) -> "Sdp":
        """Raises SdpError."""
        if len(data) > _MAX_OCTETS:
            raise SdpError("too long")
        lines = data.decode(errors="replace").replace("\r\n", "\n").split("\n")
        lines = [line.strip("\r\0 \t") for line in lines]
        lines = [line for line in lines if line]
        if len(lines) > _MAX_LINES:
            raise SdpError("too many lines")
        if not lines or lines[0] != "v=0":
            raise SdpError("does not begin with v=0")
        starts = [at for at, line in enumerate(lines) if line.startswith("m=")]
        if len(starts) > _MAX_MEDIA:
            raise SdpError("too many media")
        edges = [*starts, len(lines)]
        media = tuple(_parse_media(lines[start:end]) for start, end in pairwise(edges))
        return _parse_session(cls, lines[1 : edges[0]], media)

    def host_of(self, media: MediaDescription) -> str | None:
        """Where to send its packets."""
        return self.host if media.host is None else media.host

    def direction_of(self, media: MediaDescription) -> str:
        """As seen by whoever wrote this; "sendrecv" if nothing is said (RFC 8866 §6.7)."""
        return media.direction or _direction(self.attributes) or "sendrecv"

    def __bytes__(self) -> bytes:
        lines = ["v=0", f"o={self.origin}", f"s={self.name}"]
        if self.host is not None:
            lines.append(f"c={format_address(self.host)}")
        lines += self.lines
        lines += _attribute_lines(self.attributes)
        for media in self.media:
            lines += media.to_lines()
        return "".join(f"{line}\r\n" for line in lines).encode()


@dataclass(slots=True)
class _Section:
    """The lines of one level, sorted by what is understood."""

    host: str | None = None
    attributes: list[Attribute] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def read(self, line: str) -> None:
        if len(line) < 2 or line[1] != "=":
            raise SdpError("a line without a type")
        value = line[2:].strip()
        match line[0]:
            case "a":
                name, colon, rest = value.partition(":")
                self.attributes.append((name, rest if colon else None))
            case "c":
                self.host = parse_address(value)
            case _:
                self.lines.append(line)


def _parse_session(cls: type[Sdp], lines: list[str], media: tuple[MediaDescription, ...]) -> Sdp:
    section = _Section()
    origin, name = Origin(), "-"
    for line in lines:
        if line.startswith("o="):
            origin = _parse_origin(line[2:])
        elif line.startswith("s="):
            name = line[2:].strip() or "-"
        else:
            section.read(line)
    return cls(origin, section.host, tuple(section.attributes), media, name, tuple(section.lines))


def _parse_media(lines: list[str]) -> MediaDescription:
    words = lines[0][2:].split()
    if len(words) < 3 or len(words) > _MAX_FORMATS + 3:
        raise SdpError("bad m= line")
    port = words[1].partition("/")[0]
    if not (port.isdigit() and port.isascii()) or len(port) > 5 or int(port) > 65535:
        raise SdpError("bad port")
    section = _Section()
    for line in lines[1:]:
        section.read(line)
    return MediaDescription(
        words[0].lower(),
        int(port),
        words[2],
        tuple(words[3:]),
        section.host,
        tuple(section.attributes),
        tuple(section.lines),
    )


def _parse_origin(value: str) -> Origin:
    words = value.split()
    if len(words) < 6:
        raise SdpError("bad o= line")
    return Origin(words[0], words[1], words[2], words[5])


def parse_address(value: str) -> str:
    """The host of ``IN IP4 192.0.2.1``, without TTL and count."""
    words = value.split()
    if len(words) < 3 or words[0].upper() != "IN" or words[1].upper() not in ("IP4", "IP6"):
        raise SdpError("bad c= line")
    return words[2].partition("/")[0].strip("[]")


def format_address(host: str) -> str:
    return f"IN IP6 {host}" if is_ipv6(host) else f"IN IP4 {host}"


def _direction(attributes: tuple[Attribute, ...]) -> str | None:
    for name, _ in attributes:
        if name in AUDIO_DIRECTIONS:
            return name
    return None


def _attribute_lines(attributes: tuple[Attribute, ...]) -> list[str]:
    return [f"a={name}" if value is None else f"a={name}:{value}" for name, value in attributes]
