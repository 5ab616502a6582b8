"""SRTP of one peer connection (RFC 3711, RFC 7714), keyed by DTLS (RFC 5764 §4.2). No IO."""

from dataclasses import dataclass
from typing import Final

from pylibsrtp import Error, Policy, Session

from ..rtp import HEADER_SIZE

# libsrtp's buffer is of 1500 octets, and what it adds has to fit in.
LONGEST_PROTECTED: Final = 1500
LONGEST_PLAIN: Final = 1350
_SHORTEST_RTCP: Final = 8


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
    Both directions of one peer connection. All in and out are ``bytes``; None is "not to be had".

    The receiver counts the wraps of the sequence from the first packet that it gets (RFC 3711
    §3.3.1). So what is protected here has to begin with a sequence number below 32768: else a loss
    around the first wrap makes all that follows unreadable.
    """

    __slots__ = ("_inbound", "_outbound", "profile")

    def __init__(self, profile: SrtpProfile, keying: bytes, *, client: bool) -> None:
        """``keying`` is as DTLS exports it: client's key, server's key, client's salt, server's."""
        key, salt = profile.key, profile.salt
        salts = keying[2 * key :]
        of_client = keying[:key] + salts[:salt]
        of_server = keying[key : 2 * key] + salts[salt:]
        ours, theirs = (of_client, of_server) if client else (of_server, of_client)
        self.profile = profile
        self._outbound = _session(profile, ours, Policy.SSRC_ANY_OUTBOUND)
        self._inbound = _session(profile, theirs, Policy.SSRC_ANY_INBOUND)

    def protect(self, packet: bytes) -> bytes | None:
        """RTP to be sent; None if it is too long, or its number was used before."""
        try:
            return self._outbound.protect(packet)
        except (Error, ValueError):
            return None

    def unprotect(self, packet: bytes) -> bytes | None:
        """RTP that came; None if it is forged, a copy, or no SRTP at all."""
        if not HEADER_SIZE < len(packet) <= LONGEST_PROTECTED:
            return None
        try:
            return self._inbound.unprotect(packet)
        except Error:
            return None

    def protect_rtcp(self, packet: bytes) -> bytes | None:
        try:
            return self._outbound.protect_rtcp(packet)
        except (Error, ValueError):
            return None

    def unprotect_rtcp(self, packet: bytes) -> bytes | None:
        if not _SHORTEST_RTCP <= len(packet) <= LONGEST_PROTECTED:
            return None
        try:
            return self._inbound.unprotect_rtcp(packet)
        except Error:
            return None


def _session(profile: SrtpProfile, key: bytes, direction: int) -> Session:
    return Session(Policy(key=key, ssrc_type=direction, srtp_profile=profile.number))
