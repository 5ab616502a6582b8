"""
How a webhook's request is made and signed: Standard Webhooks 1.0 (standardwebhooks.com). Pure.

Thin: ids and words of ours. Numbers are masked and what people wrote is withheld; whoever may see
more asks for it by REST.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from cti_server.wire.event_names import name_of
from cti_server.wire.events import Logged
from cti_server.wire.personal import masked

PREFIX = "whsec_"
SECRET = 32  # bytes; the specification allows 24 to 64


@dataclass(frozen=True, slots=True)
class Secrets:
    """A webhook's secret and, until then, the one before it."""

    current: bytes
    previous: bytes | None = None
    previous_until: datetime | None = None

    def valid_at(self, now: datetime) -> Sequence[bytes]:
        """The newest first."""
        if self.previous is None or self.previous_until is None or now >= self.previous_until:
            return (self.current,)
        return self.current, self.previous


def shown(secret: bytes) -> str:
    """The secret as its owner gets it."""
    return PREFIX + base64.b64encode(secret).decode()


def body_of(logged: Logged) -> str:
    """The request's JSON, the same at every attempt."""
    event = masked(logged.event)
    data = {"sequence": logged.sequence, **msgspec.to_builtins(event)}
    return msgspec.json.encode(
        {"type": name_of(event), "timestamp": logged.at, "data": data}
    ).decode()


def message_id(sequence: int) -> str:
    """The same at every attempt: by it a receiver knows what it has had already."""
    return f"evt_{sequence}"


def headers_of(
    message: str, body: str, secrets: Sequence[bytes], at: datetime
) -> Mapping[str, str]:
    """
    ``at`` is this attempt's moment: receivers refuse what is signed too long ago.

    With several ``secrets`` there is a signature by each, the newest secret's first: receivers
    look for one that they can verify ("Signature scheme", zero downtime secret rotation).
    """
    timestamp = str(int(at.timestamp()))
    content = f"{message}.{timestamp}.{body}".encode()
    return {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(secret, content) for secret in secrets),
    }


def _signature(secret: bytes, content: bytes) -> str:
    return "v1," + base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode()
