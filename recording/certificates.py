"""What is signed, so that others can see that it is ours and as it was written. Pure."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ALGORITHM = "Ed25519"  # RFC 8032
SIGNATURE = "signature"
"""The field that is not signed itself."""
_PURPOSE = b"hotline: signatures of certificates"


@dataclass(frozen=True, slots=True)
class Signature:
    """``key``: the id of the master key that the signing key comes from."""

    key: str
    public_key: bytes
    value: bytes

    def as_told(self) -> dict[str, str]:
        return {
            "algorithm": ALGORITHM,
            "key": self.key,
            "public_key": base64.b64encode(self.public_key).decode(),
            "value": base64.b64encode(self.value).decode(),
        }


def signing_key(master: bytes) -> Ed25519PrivateKey:
    """For this purpose alone (RFC 5869): it tells nothing of the master key."""
    seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(master)
    return Ed25519PrivateKey.from_private_bytes(seed)


def signed_bytes(certificate: Mapping[str, Any]) -> bytes:
    """All of it but the signature: JSON in UTF-8, names in order, nothing between."""
    told = {name: value for name, value in certificate.items() if name != SIGNATURE}
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def fault_of(certificate: Mapping[str, Any], public_keys: Mapping[str, bytes]) -> str | None:
    """What is wrong with its signature; ``public_keys`` by the ids of master keys."""
    told = certificate.get(SIGNATURE)
    if not isinstance(told, dict) or told.get("algorithm") != ALGORITHM:
        return "it has no signature of ours"
    known = public_keys.get(str(told.get("key")))
    if known is None:
        return f"the master key {told.get('key')!r} is not there"
    try:
        value = base64.b64decode(str(told.get("value")), validate=True)
        Ed25519PublicKey.from_public_bytes(known).verify(value, signed_bytes(certificate))
    except (InvalidSignature, binascii.Error, ValueError):
        return "the signature is of something else"
    return None
