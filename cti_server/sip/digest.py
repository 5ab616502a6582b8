"""
Digest authentication as client and server (RFC 7616, RFC 8760, RFC 3261 §22). Pure.

MD5 and SHA-256, qop "auth" (as a client also "auth-int" and the challenge without qop of RFC 2069).
"""

import enum
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .errors import SipParseError
from .grammar import bad, past_quote, quote, split_list, unquote

ALGORITHMS = ("SHA-256", "MD5")
"""What we understand, the stronger first."""

_HASHES: dict[str, Callable[[bytes], str]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
}
_MAX_CREDENTIALS = 4
_WINDOW = 64
_TAG_OCTETS = 16


class Verdict(enum.Enum):
    """What credentials are worth."""

    ACCEPTED = "accepted"
    MISSING = "missing"  # nothing for our realm: challenge
    STALE = "stale"  # no nonce of ours, or used up: challenge with stale=true
    WRONG = "wrong"  # unknown user or wrong password, for a good nonce: challenge again, or 403
    MALFORMED = "malformed"  # 400


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check, and whose credentials they were (or claimed to be)."""

    verdict: Verdict
    username: str | None = None


@dataclass(frozen=True, slots=True)
class _Credentials:
    """What a client sent, quotes taken off."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str
    cnonce: str
    nc: str

    def expected(self, ha1: str, method: str) -> str:
        ha2 = _hash(self.algorithm, f"{method}:{self.uri}")
        return _hash(self.algorithm, f"{ha1}:{self.nonce}:{self.nc}:{self.cnonce}:auth:{ha2}")


def ha1(username: str, realm: str, password: str, algorithm: str) -> str:
    """What a server keeps instead of the password. Raises KeyError for other algorithms."""
    return _hash(algorithm, f"{username}:{realm}:{password}")


def parse_parameters(text: str) -> tuple[str, dict[str, str]]:
    """
    The scheme in lower case, and its parameters with the quotes taken off.

    Raises SipParseError (400).
    """
    scheme, _, rest = text.strip().partition(" ")
    parameters: dict[str, str] = {}
    for part in split_list(rest.strip()) if rest.strip() else ():
        name, equals, value = part.partition("=")
        name = name.strip().lower()
        if not equals or not name or name in parameters:
            raise bad("Credentials")
        value = value.strip()
        if value.startswith('"') and past_quote(value, 1) != len(value):
            raise bad("Credentials")
        parameters[name] = unquote(value)
    return scheme.lower(), parameters


def authorize(
    challenges: Sequence[str],
    *,
    method: str,
    uri: str,
    username: str,
    password: str,
    body: bytes = b"",
    cnonce: str,
    nonce_count: int = 1,
) -> str | None:
    """
    The Authorization (or Proxy-Authorization) value for the strongest of the challenges.

    None if we can answer none of them.
    """
    chosen: tuple[str, str, dict[str, str]] | None = None
    for text in challenges:
        usable = _read_challenge(text)
        if usable and (chosen is None or _rank(usable) < _rank(chosen)):
            chosen = usable
    if chosen is None:
        return None
    algorithm, qop, challenge = chosen
    realm, nonce = challenge["realm"], challenge["nonce"]
    key = ha1(username, realm, password, algorithm)
    a2 = f"{method}:{uri}"
    if qop == "auth-int":
        a2 += ":" + _HASHES[algorithm](body)
    ha2 = _hash(algorithm, a2)
    nc = f"{nonce_count:08x}"
    middle = f"{nc}:{cnonce}:{qop}:" if qop else ""
    response = _hash(algorithm, f"{key}:{nonce}:{middle}{ha2}")
    parts = [
        f"username={quote(username)}",
        f"realm={quote(realm)}",
        f"nonce={quote(nonce)}",
        f"uri={quote(uri)}",
        f'response="{response}"',
    ]
    if "algorithm" in challenge:
        parts.append(f"algorithm={algorithm}")
    if qop:
        parts += [f"qop={qop}", f"nc={nc}", f"cnonce={quote(cnonce)}"]
    if "opaque" in challenge:
        parts.append(f"opaque={quote(challenge['opaque'])}")
    return "Digest " + ", ".join(parts)


class Nonces:
    """
    The server's side: challenges, and the check of what comes back.

    A nonce is the time, a serial number and a seal over both and the host that it was given to, so
    nothing is kept for nonces that are never used. Of used ones the counts seen are kept, for at
    most ``capacity`` nonces: beyond that the oldest go stale before their time.

    A nonce is good only from its own host: who forges the source of a datagram never sees one, and
    so can neither guess passwords nor have the guesses held against somebody else.
    """

    def __init__(self, secret: bytes, lifetime: float = 300.0, capacity: int = 20_000) -> None:
        self._secret = secret
        self._lifetime = lifetime
        self._capacity = capacity
        self._serial = 0
        self._oldest_valid = 0  # serials below it are stale
        self._used: dict[int, _Counts] = {}

    @property
    def remembered(self) -> int:
        """How many used nonces are kept."""
        return len(self._used)

    def challenge(
        self,
        realm: str,
        algorithms: Sequence[str] = ALGORITHMS,
        *,
        now: float,
        host: str = "",
        stale: bool = False,
    ) -> list[str]:
        """The values of as many WWW-Authenticate headers, to be sent in this order (RFC 8760)."""
        self._serial += 1
        nonce = self._seal(int(now * 1000), self._serial, host)
        flag = ", stale=true" if stale else ""
        return [
            f'Digest realm={quote(realm)}, nonce="{nonce}", algorithm={algorithm}, qop="auth"{flag}'
            for algorithm in algorithms
        ]

    def check(
        self,
        values: Sequence[str],
        *,
        realm: str,
        method: str,
        ha1: Callable[[str, str], str | None],
        now: float,
        host: str = "",
        algorithms: Sequence[str] = ALGORITHMS,
    ) -> Checked:
        """
        Judge the Authorization (or Proxy-Authorization) values of a request.

        ``ha1`` is asked with user name and algorithm, and says None for a user it does not know.
        The digest's URI is not compared with the Request-URI: proxies may rewrite that (§22.1).

        For a nonce that is not good the digest is not even looked at (RFC 7616 §3.3): what comes of
        it would tell a guess that is right from one that is wrong.
        """
        try:
            credentials = _find_credentials(values, realm)
        except SipParseError:
            return Checked(Verdict.MALFORMED)
        if credentials is None or credentials.algorithm not in algorithms:
            return Checked(Verdict.MISSING)
        username = credentials.username
        serial = self._open(credentials.nonce, host, now)
        if serial is None:
            return Checked(Verdict.STALE, username)
        known = ha1(username, credentials.algorithm)
        # An unknown user costs the same time as a wrong password.
        key = _hash(credentials.algorithm, "nobody") if known is None else known
        fits = hmac.compare_digest(
            credentials.expected(key, method).encode(),
            credentials.response.encode(errors="replace"),
        )
        if not fits or known is None:
            return Checked(Verdict.WRONG, username)
        if not self._count(serial, int(credentials.nc, 16)):
            return Checked(Verdict.STALE, username)
        return Checked(Verdict.ACCEPTED, username)

    def _seal(self, issued_ms: int, serial: int, host: str) -> str:
        text = f"{issued_ms:x}.{serial:x}."
        tag = hmac.digest(self._secret, (text + host).encode(), "sha256")[:_TAG_OCTETS].hex()
        return text + tag

    def _count(self, serial: int, count: int) -> bool:
        """Whether this count of a nonce is new; note it then."""
        counts = self._used.get(serial)
        if counts is None:
            if len(self._used) >= self._capacity:
                self._forget_old()
                if serial < self._oldest_valid:
                    return False
            counts = self._used[serial] = _Counts()
        return counts.note(count)

    def _open(self, nonce: str, host: str, now: float) -> int | None:
        """The serial number of a nonce that is ours, young, and was given to this host."""
        words = nonce.split(".")
        if len(words) != 3 or len(nonce) > 80:
            return None
        try:
            issued_ms, serial = int(words[0], 16), int(words[1], 16)
        except ValueError:
            return None
        sealed = self._seal(issued_ms, serial, host)
        if not hmac.compare_digest(sealed.encode(), nonce.encode(errors="replace")):
            return None
        young = 0 <= now - issued_ms / 1000 <= self._lifetime
        return serial if young and serial >= self._oldest_valid else None

    def _forget_old(self) -> None:
        """Drop the older half; what is dropped must never be accepted again."""
        serials = sorted(self._used)
        self._oldest_valid = serials[len(serials) // 2] + (len(serials) == 1)
        self._used = {
            serial: counts for serial, counts in self._used.items() if serial >= self._oldest_valid
        }


class _Counts:
    """Which nonce counts were seen: the highest, and a window below it (UDP may swap two)."""

    __slots__ = ("_highest", "_seen")

    def __init__(self) -> None:
        self._highest = 0
        self._seen = 0

    def note(self, count: int) -> bool:
        """Whether this count is new."""
        if count > self._highest:
            ahead = count - self._highest
            self._seen = (self._seen << min(ahead, _WINDOW) | 1) & (1 << _WINDOW) - 1
            self._highest = count
            return True
        behind = self._highest - count
        if count < 1 or behind >= _WINDOW or self._seen >> behind & 1:
            return False
        self._seen |= 1 << behind
        return True


def _find_credentials(values: Sequence[str], realm: str) -> _Credentials | None:
    for text in values[:_MAX_CREDENTIALS]:
        if text[:7].lower() != "digest ":
            continue
        _, parameters = parse_parameters(text)
        if parameters.get("realm") == realm:
            return _read_credentials(parameters)
    return None


def _read_credentials(parameters: dict[str, str]) -> _Credentials:
    nc = parameters.get("nc", "")
    if parameters.get("qop", "").lower() != "auth" or len(nc) != 8 or not _is_hex(nc):
        raise bad("Credentials")
    try:
        return _Credentials(
            parameters["username"],
            parameters["realm"],
            parameters["nonce"],
            parameters["uri"],
            parameters["response"].lower(),
            parameters.get("algorithm", "MD5").upper(),
            parameters["cnonce"],
            nc,
        )
    except KeyError:
        raise bad("Credentials") from None


def _read_challenge(text: str) -> tuple[str, str, dict[str, str]] | None:
    """Algorithm, qop ("" if none is asked for) and parameters; None if it is beyond us."""
    try:
        scheme, challenge = parse_parameters(text)
    except SipParseError:
        return None
    algorithm = challenge.get("algorithm", "MD5").upper()
    if scheme != "digest" or algorithm not in _HASHES or not {"realm", "nonce"} <= challenge.keys():
        return None
    offered = [word.strip().lower() for word in challenge.get("qop", "").split(",")]
    for qop in ("auth", "auth-int", ""):
        if qop in offered:
            return algorithm, qop, challenge
    return None


def _rank(usable: tuple[str, str, dict[str, str]]) -> int:
    return ALGORITHMS.index(usable[0])


def _is_hex(text: str) -> bool:
    return all(character in "0123456789abcdefABCDEF" for character in text)


def _hash(algorithm: str, text: str) -> str:
    return _HASHES[algorithm](text.encode(errors="surrogateescape"))
