"""One key in the body of an INFO: application/dtmf-relay and application/dtmf."""

DTMF_RELAY = "application/dtmf-relay"
DTMF = "application/dtmf"

USUAL_MS = 250
LONGEST_MS = 10_000

_DIGITS = frozenset("0123456789*#ABCD")
_NUMBERED = {"10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D"}


def read(content_type: str, body: bytes) -> tuple[str, int] | None:
    """The key and its length in milliseconds; None if the body makes no sense."""
    text = body.decode("latin-1")
    if content_type == DTMF:
        digit = _digit(text)
        return (digit, USUAL_MS) if digit else None
    fields = {
        name.strip().lower(): value.strip()
        for name, equals, value in (line.partition("=") for line in text.splitlines())
        if equals
    }
    digit = _digit(fields.get("signal", ""))
    return (digit, _duration(fields.get("duration", ""))) if digit else None


def written(digit: str, duration_ms: int) -> bytes:
    """The body of an application/dtmf-relay."""
    return f"Signal={digit}\r\nDuration={duration_ms}\r\n".encode()


def _digit(text: str) -> str | None:
    text = text.strip().upper()
    text = _NUMBERED.get(text, text)
    return text if text in _DIGITS else None


def _duration(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        return USUAL_MS
    return min(int(text[:6]), LONGEST_MS) or USUAL_MS
