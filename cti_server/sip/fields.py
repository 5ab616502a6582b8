"""The header fields of one message: ordered, case-insensitive, compact names understood."""

from collections.abc import Iterable, Iterator
from typing import Any

from .errors import SipParseError
from .grammar import LWS, is_token, split_list

_NAMES = """
    Accept Accept-Contact Accept-Encoding Accept-Language Alert-Info Allow Allow-Events
    Authentication-Info Authorization Call-ID Call-Info Contact Content-Disposition
    Content-Encoding Content-Language Content-Length Content-Type CSeq Date Diversion
    Error-Info Event Expires From Geolocation History-Info Identity Identity-Info In-Reply-To
    Max-Forwards MIME-Version Min-Expires Min-SE Organization P-Access-Network-Info
    P-Asserted-Identity P-Called-Party-ID P-Charging-Vector P-Preferred-Identity Path Priority
    Privacy Proxy-Authenticate Proxy-Authorization Proxy-Require RAck Reason Record-Route
    Recv-Info Refer-To Referred-By Reject-Contact Remote-Party-ID Replaces Reply-To
    Request-Disposition Require Retry-After Route RSeq Server Service-Route Session-Expires
    SIP-ETag SIP-If-Match Subject Subscription-State Supported Timestamp To Unsupported
    User-Agent Via Warning WWW-Authenticate X-Call-ID
"""

_COMPACT = {
    "a": "accept-contact",
    "b": "referred-by",
    "c": "content-type",
    "d": "request-disposition",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "j": "reject-contact",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "n": "identity-info",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "u": "allow-events",
    "v": "via",
    "x": "session-expires",
    "y": "identity",
}

_KEYS = {
    **{name: name.lower() for name in _NAMES.split()},
    **{name.lower(): name.lower() for name in _NAMES.split()},
    **_COMPACT,
    **{letter.upper(): key for letter, key in _COMPACT.items()},
}
"""The spellings that are met every day; the rest goes the slow way."""

_FOLDS = (" ", "\t")


def header_key(name: str) -> str:
    """The one spelling of a header's name by which it is compared: long form, lower case."""
    key = _KEYS.get(name)
    if key is None:
        key = name.lower()
        key = _KEYS.get(key, key)
    return key


class Headers:
    """
    Names and values in the order of the wire. A name may stand several times.

    ``cache`` is the message's: what it has parsed out of these headers. It is dropped when
    anything changes here, so it never speaks of values that are gone.
    """

    __slots__ = ("_index", "_items", "cache")

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._items: list[tuple[str, str]] = []
        self._index: dict[str, list[str]] = {}
        self.cache: dict[str, Any] = {}
        self.extend(items)

    def read_lines(self, lines: list[str]) -> None:
        """Append the lines of a header block, as yet folded. Raises SipParseError (400)."""
        items, index = self._items, self._index
        for line in lines:
            name, colon, value = line.partition(":")
            key = _KEYS.get(name)
            if key is None or not colon:
                if line[:1] in _FOLDS:
                    self._unfold(line)
                    continue
                name, key = _check_name(name, colon)
            value = value.strip(LWS)
            items.append((name, value))
            if key in index:
                index[key].append(value)
            else:
                index[key] = [value]
        self.cache = {}

    def _unfold(self, line: str) -> None:
        """A line that begins with white space goes on with the value before it (§7.3.1)."""
        if not self._items:
            raise SipParseError(400, "Bad Header Line")
        name, before = self._items[-1]
        value = f"{before} {line.strip(LWS)}".strip(LWS)
        self._items[-1] = (name, value)
        self._index[header_key(name)][-1] = value

    def get(self, name: str) -> str | None:
        """The first value of that name."""
        values = self._index.get(_KEYS.get(name) or header_key(name))
        return values[0] if values else None

    def get_all(self, name: str) -> list[str]:
        """The values of that name, line by line."""
        return list(self._index.get(_KEYS.get(name) or header_key(name), ()))

    def get_list(self, name: str) -> list[str]:
        """The values of that name where several may share a line, separated by commas."""
        lines = self._index.get(_KEYS.get(name) or header_key(name))
        if lines is None:
            return []
        return [value for line in lines for value in split_list(line)]

    def items(self) -> list[tuple[str, str]]:
        return list(self._items)

    def add(self, name: str, value: str) -> None:
        """Append a field. Raises ValueError if it could not stand on one line."""
        self.extend(((name, value),))

    def extend(self, items: Iterable[tuple[str, str]]) -> None:
        """Append fields. Raises ValueError if one could not stand on one line."""
        self.cache = {}
        index = self._index
        for name, value in items:
            key = _KEYS.get(name)
            if key is None or "\r" in value or "\n" in value:
                key = self._checked_key(name, value)
            self._items.append((name, value))
            if key in index:
                index[key].append(value)
            else:
                index[key] = [value]

    def add_first(self, name: str, value: str) -> None:
        """Put a field before all others, as a Via is."""
        key = self._checked_key(name, value)
        self._items.insert(0, (name, value))
        self._index.setdefault(key, []).insert(0, value)
        self.cache = {}

    def set(self, name: str, value: str) -> None:
        """Replace all fields of that name by this one, at the place of the first."""
        key = self._checked_key(name, value)
        at = self._place(key)
        if at is None:
            self.add(name, value)
            return
        rest = [item for item in self._items[at:] if header_key(item[0]) != key]
        self._items[at:] = [(name, value), *rest]
        self._index[key] = [value]
        self.cache = {}

    def set_first(self, name: str, value: str) -> None:
        """Replace the first field of that name only; the others of that name stay."""
        key = self._checked_key(name, value)
        at = self._place(key)
        if at is None:
            self.add(name, value)
            return
        self._items[at] = (self._items[at][0], value)
        self._index[key][0] = value
        self.cache = {}

    def _place(self, key: str) -> int | None:
        """Where the first field of that name stands."""
        for at, (name, _) in enumerate(self._items):
            if (_KEYS.get(name) or header_key(name)) == key:
                return at
        return None

    def remove(self, name: str) -> None:
        key = header_key(name)
        if self._index.pop(key, None) is not None:
            self._items = [item for item in self._items if header_key(item[0]) != key]
            self.cache = {}

    def copy(self) -> "Headers":
        return Headers(self._items)

    def without_length(self) -> list[tuple[str, str]]:
        """The fields but for Content-Length, which is counted anew for the wire."""
        if "content-length" not in self._index:
            return self._items
        return [item for item in self._items if header_key(item[0]) != "content-length"]

    def has_repeats(self) -> bool:
        """Whether any name stands more than once."""
        return len(self._index) != len(self._items)

    def __contains__(self, name: str) -> bool:
        return (_KEYS.get(name) or header_key(name)) in self._index

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._items)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Headers):
            return NotImplemented
        return self.comparable() == other.comparable()

    __hash__ = None  # type: ignore[assignment]

    def comparable(self) -> list[tuple[str, str]]:
        """What makes two header blocks the same, however their names are spelt."""
        return [(header_key(name), value) for name, value in self._items]

    def __repr__(self) -> str:
        return f"Headers({self._items!r})"

    @staticmethod
    def _checked_key(name: str, value: str) -> str:
        if "\r" in value or "\n" in value:
            raise ValueError("a line break cannot stand in a header")
        key = _KEYS.get(name)
        if key is None:
            if not is_token(name):
                raise ValueError("a header's name is a token")
            key = header_key(name)
        return key


def _check_name(name: str, colon: str) -> tuple[str, str]:
    name = name.rstrip(LWS)
    if not colon or not is_token(name):
        raise SipParseError(400, "Bad Header Line")
    return name, header_key(name)
