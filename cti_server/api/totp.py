"""
Codes of an authenticator app (RFC 6238, with the numbers that every app knows). Pure.

Six digits of HMAC-SHA-1 over a 30-second step; one step before and after is taken, too, for
clocks that are not quite right (§5.2).
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP = 30  # seconds
DIGITS = 6
DRIFT = 1  # steps
SECRET_BYTES = 20  # RFC 4226 §4, R6: 160 bits
RECOVERY_CODES = 10
_RECOVERY_BYTES = 10

Randomness = Callable[[int], bytes]


def new_secret(random: Randomness = secrets.token_bytes) -> bytes:
    return random(SECRET_BYTES)


def spelled(secret: bytes) -> str:
    """The secret as a person types it into the app: base32."""
    return base64.b32encode(secret).decode().rstrip("=")


def app_uri(secret: bytes, agent_id: str, issuer: str) -> str:
    """What the QR code says (Key URI format of the Google Authenticator wiki)."""
    label = quote(f"{issuer}:{agent_id}")
    return f"otpauth://totp/{label}?{urlencode({'secret': spelled(secret), 'issuer': issuer})}"


def code_at(secret: bytes, step: int) -> str:
    totp = TOTP(secret, DIGITS, SHA1(), STEP, enforce_key_length=False)  # noqa: S303 - RFC 6238's
    return totp.generate(step * STEP).decode()


def matching_step(secret: bytes, code: str, now: datetime) -> int | None:
    """The time step whose code this is, None if it is of none that is taken now."""
    current = int(now.timestamp()) // STEP
    found = None
    for step in range(current - DRIFT, current + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            found = step
    return found


def new_recovery_codes(random: Randomness = secrets.token_bytes) -> list[str]:
    """Each opens the account once, without the app: four groups of four letters and digits."""
    texts = (
        base64.b32encode(random(_RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)
    )
    return ["-".join(text[at : at + 4] for at in range(0, len(text), 4)) for text in texts]


def recovery_hash(code: str) -> str:
    """80 random bits need no slow hash. Blanks, dashes and capitals are as people type them."""
    plain = "".join(code.split()).replace("-", "").lower()
    return hashlib.sha256(plain.encode()).hexdigest()
