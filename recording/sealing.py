"""
A sound file as a store has it: sealed under a key of its own, chunk by chunk.

The STREAM construction (Hoang, Reyhanitabar, Rogaway and Vizár, *Online Authenticated-Encryption
and its Nonce-Reuse Misuse-Resistance*, 2015) in the form that age and Tink have: AES-256-GCM, each
chunk under a nonce of its number and of whether it is the last. So the work is done in constant
memory, any part opens without the rest, and what was altered, cut, continued, reordered or brought
in from another file does not open. The key of the chunks is derived (HKDF-SHA-256, RFC 5869) from
the file's key and the whole header, which has a random salt: to seal twice under one file's key
repeats no nonce, and a header that was altered opens nothing. Pure but for the salt, which is an
argument.

The file: a header (magic with the version, salt, length and text of the recording's id), then
chunks of 64 KiB and 16 bytes each, the last one shorter.
"""

from collections.abc import Callable, Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .errors import SealBroken

Block = bytes | bytearray | memoryview

KEY = 32  # bytes
SALT = 16  # bytes
CHUNK = 1 << 16  # bytes of sound
TAG = 16  # bytes that sealing adds to a chunk

_MAGIC = b"HLSEAL\x00\x01"
_SEALED_CHUNK = CHUNK + TAG


def seal(blocks: Iterable[Block], key: bytes, recording_id: str, salt: bytes) -> Iterator[bytes]:
    """The sealed file of these blocks. A ``salt`` is for one file only."""
    header = _header(recording_id, salt)
    yield header
    cipher = _cipher(key, header)
    waiting, number = bytearray(), 0
    for block in blocks:
        waiting += block
        while len(waiting) > CHUNK:  # what is exactly a chunk may be the last one
            yield cipher.encrypt(_nonce(number, last=False), bytes(waiting[:CHUNK]), None)
            del waiting[:CHUNK]
            number += 1
    yield cipher.encrypt(_nonce(number, last=True), bytes(waiting), None)


def sealed_size(size: int, recording_id: str) -> int:
    """How many bytes a sound file of so many has when it is sealed."""
    chunks = max(1, -(-size // CHUNK))
    return _header_size(recording_id) + size + chunks * TAG


class SealedFile:
    """
    Opens a sealed file, whole or in part.

    ``read(start, end)`` gives the file's bytes from ``start`` up to ``end``, in blocks of any size.
    """

    def __init__(
        self,
        read: Callable[[int, int], Iterable[Block]],
        sealed_size: int,
        key: bytes,
        recording_id: str,
    ) -> None:
        """Reads the header. Raises SealBroken, and what ``read`` raises."""
        self._read = read
        self._sealed_size = sealed_size
        self._begins = _header_size(recording_id)
        body = sealed_size - self._begins
        self._chunks = max(1, -(-body // _SEALED_CHUNK))
        self.size = body - self._chunks * TAG
        """Bytes of the sound file, as far as the sealed one's size tells."""
        if self.size < 0 or (self._chunks > 1 and body % _SEALED_CHUNK in range(1, TAG + 1)):
            raise SealBroken(f"{sealed_size} bytes are no sealed file's")
        header = b"".join(map(bytes, read(0, self._begins)))
        salt = header[len(_MAGIC) : len(_MAGIC) + SALT]
        if header[: len(_MAGIC)] != _MAGIC:
            raise SealBroken("it does not begin as a sealed file does")
        if header != _header(recording_id, salt):
            raise SealBroken("it is another recording's")
        self._cipher = _cipher(key, header)

    def blocks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """
        The sound file from byte ``start`` up to ``end``, in blocks of a chunk at most.

        Raises SealBroken at the first chunk that does not open; what came before it is right.
        """
        end = self.size if end is None else min(end, self.size)
        if start >= end and self.size:
            return
        number, after = start // CHUNK, max(1, -(-end // CHUNK))
        sealed = self._read(
            self._begins + number * _SEALED_CHUNK,
            min(self._begins + after * _SEALED_CHUNK, self._sealed_size),
        )
        for chunk in _in_chunks(sealed):
            opened = self._open(chunk, number)
            begins = number * CHUNK
            yield opened[max(start - begins, 0) : end - begins]
            number += 1
        if number < after:
            raise SealBroken(f"it ends within chunk {number} of {self._chunks}")

    def _open(self, chunk: bytes, number: int) -> bytes:
        try:
            nonce = _nonce(number, last=number == self._chunks - 1)
            return self._cipher.decrypt(nonce, chunk, None)
        except InvalidTag:
            raise SealBroken(f"chunk {number} of {self._chunks} does not open") from None


def _in_chunks(blocks: Iterable[Block]) -> Iterator[bytes]:
    waiting = bytearray()
    for block in blocks:
        waiting += block
        while len(waiting) >= _SEALED_CHUNK:
            yield bytes(waiting[:_SEALED_CHUNK])
            del waiting[:_SEALED_CHUNK]
    if waiting:
        yield bytes(waiting)


def _header_size(recording_id: str) -> int:
    return len(_MAGIC) + SALT + 1 + len(recording_id.encode())


def _header(recording_id: str, salt: bytes) -> bytes:
    named = recording_id.encode()
    return b"".join((_MAGIC, salt, bytes([len(named)]), named))


def _cipher(key: bytes, header: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY, salt=None, info=header).derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
