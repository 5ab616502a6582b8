"""Secrets that the server has to read again, kept in the database under a key that is not there."""

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12  # bytes, NIST SP 800-38D §8.2


class SealBroken(Exception):
    """It was sealed under another key, for somebody else, or altered."""


class Seal:
    """AES-256-GCM; what is sealed for one owner does not open for another."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, secret: bytes, owner: str) -> str:
        nonce = secrets.token_bytes(_NONCE)
        return base64.b64encode(
            nonce + self._cipher.encrypt(nonce, secret, owner.encode())
        ).decode()

    def open(self, sealed: str, owner: str) -> bytes:
        """Raises SealBroken."""
        try:
            data = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(data[:_NONCE], data[_NONCE:], owner.encode())
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise SealBroken(
                "a sealed secret cannot be read: is seal.key the one it had?"
            ) from error
