"""
DTLS 1.2 for SRTP keys (RFC 6347, RFC 5764): one handshake, by OpenSSL. Datagrams in and out, no IO.

OpenSSL's own resend timer is of no use here: it begins with a second, knows only the real clock,
and while it runs a repeated ClientHello gets no answer. So the last flight is kept, and sent again
at times of ours and whenever the other side shows by a repetition that it did not get it.
"""

import enum
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

from .srtp import PROFILES, Srtp, SrtpProfile

FIRST_RESEND: Final = 0.4  # seconds, as RFC 9147 §5.8.2 advises for DTLS-SRTP; then doubling
LONGEST_RESEND: Final = 1.6  # a call is waiting, and a flight is a few hundred octets
# An answer to a repetition is not repeated within this: the first may be on its way still.
RESEND_GUARD: Final = 0.03
DATAGRAM_LIMIT: Final = 1200  # octets; what every path carries
VERSION: Final = 0xFEFD  # DTLS 1.2, pinned: an upgrade of OpenSSL is not to change the wire
_CIPHERS = b"ECDHE+AESGCM:ECDHE+CHACHA20"
_EXPORTER = b"EXTRACTOR-dtls_srtp"
_VALID: Final = timedelta(days=3650)  # browsers look at the fingerprint only

_RECORD = struct.Struct("!BHHHIH")  # type, version, epoch, sequence (6 octets), length
_RECORD_VERSIONS = (0xFEFF, VERSION)  # a first ClientHello says 1.0
_CHANGE_CIPHER_SPEC, _HANDSHAKE, _LAST_TYPE = 20, 22, 24
_MESSAGE_NUMBER = slice(4, 6)  # within a handshake message
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha-256": hashes.SHA256(),
    "sha-384": hashes.SHA384(),
    "sha-512": hashes.SHA512(),
}


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A certificate's hash, as SDP has it (RFC 8122 §5)."""

    algorithm: str
    digest: bytes

    @classmethod
    def parse(cls, text: str) -> "Fingerprint | None":
        """Read ``sha-256 AB:CD:…``; None if it is malformed, or of a hash that is not strong."""
        algorithm, _, value = text.strip().partition(" ")
        known = _HASHES.get(algorithm.lower())
        try:
            digest = bytes.fromhex(value.strip().replace(":", ""))
        except ValueError:
            return None
        if known is None or len(digest) != known.digest_size:
            return None
        return cls(algorithm.lower(), digest)

    def of(self, certificate: x509.Certificate) -> bool:
        return certificate.fingerprint(_HASHES[self.algorithm]) == self.digest

    def __str__(self) -> str:
        return f"{self.algorithm} {self.digest.hex(':').upper()}"


class Identity:
    """A key and its certificate; one per process is enough."""

    def __init__(self, at: datetime, profiles: tuple[SrtpProfile, ...] = PROFILES) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hotline")])
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(at - timedelta(days=1))
            .not_valid_after(at + _VALID)
            .sign(key, hashes.SHA256())
        )
        self.fingerprint = Fingerprint("sha-256", self.certificate.fingerprint(hashes.SHA256()))
        self._context = _context(key, self.certificate, profiles)

    def connection(self, peer: Fingerprint, *, client: bool) -> SSL.Connection:
        """The state of a handshake with whoever has that certificate."""
        connection = SSL.Connection(self._context, None)
        connection.set_app_data(peer)
        connection.set_ciphertext_mtu(DATAGRAM_LIMIT)
        if client:
            connection.set_connect_state()
        else:
            connection.set_accept_state()
        return connection


def _context(
    key: ec.EllipticCurvePrivateKey,
    certificate: x509.Certificate,
    profiles: tuple[SrtpProfile, ...],
) -> SSL.Context:
    context = SSL.Context(SSL.DTLS_METHOD)
    context.set_min_proto_version(VERSION)
    context.set_max_proto_version(VERSION)
    # The MTU is set on each connection; both are needed (without it the handshake fails at once).
    context.set_options(SSL.OP_NO_QUERY_MTU | SSL.OP_NO_TICKET)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_cipher_list(_CIPHERS)
    context.set_tlsext_use_srtp(b":".join(profile.name for profile in profiles))
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, _known_certificate)
    context.use_certificate(certificate)
    context.use_privatekey(key)
    return context


def _known_certificate(
    connection: SSL.Connection, certificate: object, error: int, depth: int, good: int
) -> bool:
    """Nobody signs these certificates: what counts is that the SDP named this very one."""
    if depth != 0:
        return True
    return _is_peer(connection, certificate.to_cryptography())  # type: ignore[attr-defined]


def _is_peer(connection: SSL.Connection, certificate: x509.Certificate | None) -> bool:
    expected = connection.get_app_data()
    return (
        isinstance(expected, Fingerprint) and certificate is not None and expected.of(certificate)
    )


class DtlsState(enum.Enum):
    """How far it is."""

    HANDSHAKE = "handshake"
    ESTABLISHED = "established"
    FAILED = "failed"
    CLOSED = "closed"  # by the other side's close_notify, or by us


class Dtls:
    """
    One association. Each method returns the datagrams to be sent; ``state`` tells how far it is.

    From :attr:`DtlsState.ESTABLISHED` on ``srtp`` is there, and the other side's certificate is the
    one of its fingerprint. Call :meth:`handle_timer` at :attr:`deadline`.
    """

    def __init__(self, identity: Identity, peer: Fingerprint, *, client: bool) -> None:
        self.state = DtlsState.HANDSHAKE
        self.srtp: Srtp | None = None
        self.failure = ""
        self.deadline: float | None = None
        self._identity = identity
        self._peer = peer
        self._client = client
        self._connection = identity.connection(peer, client=client)
        self._flight: list[bytes] = []  # what was sent last
        self._sent_at = 0.0
        self._resend_gap = FIRST_RESEND
        self._heard_number = -1  # highest number of a handshake message that came in the clear
        self._answered_number = -1  # the same, when the last flight was made

    def start(self, now: float) -> list[bytes]:
        """The client's first flight."""
        return self._step(now)

    def receive(self, datagram: bytes, now: float) -> list[bytes]:
        """Take in one datagram, from an address that ICE has proved."""
        if self.state in (DtlsState.FAILED, DtlsState.CLOSED):
            return []
        records = list(_records(datagram))
        if not records:
            return []
        repeated = self._note_numbers(records)
        self._connection.bio_write(datagram)
        sent = self._step(now)
        if sent or not repeated or now - self._sent_at < RESEND_GUARD:
            return sent
        return self._repeat(now)

    def handle_timer(self, now: float) -> list[bytes]:
        """Send the last flight again, if it is time for that."""
        if self.deadline is None or now < self.deadline:
            return []
        self._resend_gap = min(2 * self._resend_gap, LONGEST_RESEND)
        return self._repeat(now)

    def close(self) -> list[bytes]:
        """The close_notify, if there is anybody to get it."""
        established = self.state is DtlsState.ESTABLISHED
        self._end(DtlsState.CLOSED)
        if not established:
            return []
        try:
            self._connection.shutdown()
        except SSL.Error:
            return []
        return self._outgoing()

    def _repeat(self, now: float) -> list[bytes]:
        self._sent_at = now
        if self.deadline is not None:
            self.deadline = now + self._resend_gap
        return self._flight

    def _note_numbers(self, records: list[tuple[int, int, bytes]]) -> bool:
        """Whether this repeats what our last flight has answered."""
        numbers = [
            int.from_bytes(body[_MESSAGE_NUMBER], "big")
            for kind, epoch, body in records
            if kind == _HANDSHAKE and epoch == 0 and len(body) >= 12
        ]
        self._heard_number = max(self._heard_number, *numbers, -1)
        return any(number <= self._answered_number for number in numbers)

    def _step(self, now: float) -> list[bytes]:
        try:
            if self.state is DtlsState.HANDSHAKE:
                self._connection.do_handshake()
                self._establish()
            while self.state is DtlsState.ESTABLISHED:
                self._connection.recv(2048)  # late repetitions, close_notify; data is not for us
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self._end(DtlsState.CLOSED)
        except SSL.Error as error:
            return self._fail(error)
        return self._remember(self._outgoing(), now)

    def _establish(self) -> None:
        name = self._connection.get_selected_srtp_profile()
        profile = next((one for one in PROFILES if one.name == name), None)
        certificate = self._connection.get_peer_certificate(as_cryptography=True)
        if profile is None or not _is_peer(self._connection, certificate):
            self.failure = "no SRTP profile in common" if profile is None else "wrong certificate"
            self._end(DtlsState.FAILED)
            return
        keying = self._connection.export_keying_material(_EXPORTER, profile.keying)
        self.srtp = Srtp(profile, keying, client=self._client)
        self.state = DtlsState.ESTABLISHED
        self.deadline = None

    def _fail(self, error: SSL.Error) -> list[bytes]:
        if self.state is DtlsState.ESTABLISHED:
            return []  # OpenSSL passes over what is forged; anything else is no reason to hang up
        if not self._flight:
            # Nothing of the handshake was done yet: whoever comes next may be the right one.
            self._connection = self._identity.connection(self._peer, client=self._client)
            self._heard_number = -1
            return []
        reasons = error.args[0] if error.args and isinstance(error.args[0], list) else []
        self.failure = str(reasons[0][-1]) if reasons else type(error).__name__
        alert = self._outgoing()
        self._end(DtlsState.FAILED)
        return alert

    def _end(self, state: DtlsState) -> None:
        self.state = state
        self.deadline = None

    def _remember(self, datagrams: list[bytes], now: float) -> list[bytes]:
        if not datagrams or self.state is DtlsState.CLOSED:
            return datagrams
        self._flight, self._sent_at = datagrams, now
        self._answered_number = self._heard_number
        if self.state is DtlsState.HANDSHAKE:
            self._resend_gap = FIRST_RESEND
            self.deadline = now + FIRST_RESEND
        return datagrams

    def _outgoing(self) -> list[bytes]:
        """What OpenSSL has written: whole records, packed into datagrams."""
        written = b""
        try:
            while True:
                written += self._connection.bio_read(65536)
        except SSL.WantReadError:
            pass
        return _pack(written)


def _pack(written: bytes) -> list[bytes]:
    """The memory BIO is a stream of octets: cut it at records and fill datagrams with these."""
    datagrams: list[bytes] = []
    for start, end in _bounds(written):
        record = written[start:end]
        if datagrams and len(datagrams[-1]) + len(record) <= DATAGRAM_LIMIT:
            datagrams[-1] += record
        else:
            datagrams.append(record)
    return datagrams


def _bounds(data: bytes) -> Iterator[tuple[int, int]]:
    at = 0
    while at + _RECORD.size <= len(data):
        end = at + _RECORD.size + int.from_bytes(data[at + 11 : at + 13], "big")
        if end > len(data):
            return
        yield at, end
        at = end


def _records(datagram: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Type, epoch and body of each record; ends where it is no DTLS."""
    for start, end in _bounds(datagram):
        kind, version, epoch, *_ = _RECORD.unpack_from(datagram, start)
        if not _CHANGE_CIPHER_SPEC <= kind <= _LAST_TYPE or version not in _RECORD_VERSIONS:
            return
        yield kind, epoch, datagram[start + _RECORD.size : end]
