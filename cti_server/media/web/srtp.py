"""SRTP of one peer connection (RFC 3711, RFC 7714), keyed by DTLS (RFC 5764 §4.2). No IO."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pylibsrtp import Policy, Session
from pylibsrtp._binding import ffi, lib  # type: ignore[import-not-found]

from ..rtp import HEADER_SIZE

_BUFFER_SIZE: Final = 2048
_TRAILER: Final = 4 + 16 + 128  # the most that libsrtp adds (SRTP_MAX_SRTCP_TRAILER_LEN)
LONGEST_PROTECTED: Final = _BUFFER_SIZE
LONGEST_PLAIN: Final = _BUFFER_SIZE - _TRAILER
_SHORTEST_RTCP: Final = 8

Convert = Callable[[bytes | bytearray | memoryview], bytes | None]


@dataclass(frozen=True, slots=True)
class SrtpProfile:
    """A protection profile: OpenSSL's name, libsrtp's number, octets of key and salt."""

    name: bytes
    number: int
    key: int
    salt: int

    @property
    def keying(self) -> int:
        """Octets that are to be exported from DTLS, for both directions."""
        return 2 * (self.key + self.salt)


PROFILES: Final = (  # in order of preference
    SrtpProfile(b"SRTP_AEAD_AES_128_GCM", Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, 12),
    SrtpProfile(b"SRTP_AES128_CM_SHA1_80", Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14),
)


class Srtp:
    """
    Both directions of one peer connection. All that comes out is ``bytes``.

    ``protect`` is None for what is too long, or has a number that was used before; ``unprotect``
    for what is forged, a copy, or no SRTP at all.

    ``inbound`` and ``outbound`` are where libsrtp's contexts are, for :data:`NATIVE`.

    The receiver counts the wraps of the sequence from the first packet that it gets (RFC 3711
    §3.3.1). So what is protected here has to begin with a sequence number below 32768: else a loss
    around the first wrap makes all that follows unreadable.
    """

    __slots__ = (
        "inbound", "outbound", "profile", "protect", "protect_rtcp", "unprotect", "unprotect_rtcp",
    )  # fmt: skip

    def __init__(self, profile: SrtpProfile, keying: bytes, *, client: bool) -> None:
        """``keying`` is as DTLS exports it: client's key, server's key, client's salt, server's."""
        key, salt = profile.key, profile.salt
        salts = keying[2 * key :]
        of_client = keying[:key] + salts[:salt]
        of_server = keying[key : 2 * key] + salts[salt:]
        ours, theirs = (of_client, of_server) if client else (of_server, of_client)
        outbound = _session(profile, ours, Policy.SSRC_ANY_OUTBOUND)
        inbound = _session(profile, theirs, Policy.SSRC_ANY_INBOUND)
        self.profile = profile
        self.inbound, self.outbound = _address(inbound), _address(outbound)
        self.protect = _converter(outbound, lib.srtp_protect, HEADER_SIZE, LONGEST_PLAIN)
        self.unprotect = _converter(inbound, lib.srtp_unprotect, HEADER_SIZE + 1, LONGEST_PROTECTED)
        self.protect_rtcp = _converter(
            outbound, lib.srtp_protect_rtcp, _SHORTEST_RTCP, LONGEST_PLAIN
        )
        self.unprotect_rtcp = _converter(
            inbound, lib.srtp_unprotect_rtcp, _SHORTEST_RTCP, LONGEST_PROTECTED
        )


def _session(profile: SrtpProfile, key: bytes, direction: int) -> Session:
    return Session(Policy(key=key, ssrc_type=direction, srtp_profile=profile.number))


def _address(session: Session) -> int:
    """Where its context is, for as long as somebody has the converters made of it."""
    return int(ffi.cast("uintptr_t", session._srtp[0]))  # noqa: SLF001


def _native() -> tuple[int, int] | None:
    """Where ``srtp_protect`` and ``srtp_unprotect`` are, if they are what libsrtp 2 has."""
    functions = [ffi.addressof(lib, name) for name in ("srtp_protect", "srtp_unprotect")]
    if any(ffi.typeof(function).cname != _SIGNATURE for function in functions):
        return None
    protect, unprotect = (int(ffi.cast("uintptr_t", function)) for function in functions)
    return protect, unprotect


_SIGNATURE = "srtp_err_status_t(*)(struct srtp_ctx_t_ *, void *, int *)"
NATIVE: Final = _native()  # for who calls them from C


# One for all, as nothing is left in it between two packets: all of a process's packets are one
# thread's.
_data = ffi.new("char[]", _BUFFER_SIZE)
_buffer = ffi.buffer(_data)
_length = ffi.new("int *")


def _converter(session: Session, function: Any, shortest: int, longest: int) -> Convert:
    """
    What pylibsrtp's methods do, without an object made and dropped and four calls for each packet.

    That is a third of their time, and this is done for every packet of every browser.
    """
    context = session._srtp  # noqa: SLF001 - libsrtp's own, which it frees when nobody has it
    data, buffer, length = _data, _buffer, _length

    def convert(
        packet: bytes | bytearray | memoryview, pointer: Any = context[0], _owner: Any = context
    ) -> bytes | None:
        size = len(packet)
        if not shortest <= size <= longest:
            return None
        buffer[:size] = packet
        length[0] = size
        if function(pointer, data, length):
            return None
        plain: bytes = buffer[: length[0]]
        return plain

    return convert
