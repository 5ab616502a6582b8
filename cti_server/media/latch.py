"""
Whose packets a leg takes, and where it sends. Pure: addresses, numbers and times.

With symmetric RTP (RFC 4961) the other side sends from where its SDP says that it listens. Behind a
NAT the port, and often the host, are others than the SDP says, and only its packets tell which
(latching, RFC 7362 §4). Whoever sends first would then get the call's audio, which RFC 7362 §5
warns of. So the SDP is believed, and somebody else has to prove himself:

* A packet from the SDP's host, whatever its port, is learned at once and for good.
* Another host is a candidate: learned after PROOF_PACKETS packets of one SSRC, each the next in its
  sequence, over PROOF_TIME and more, all that time without a word from the SDP's host. Of several
  candidates the first to have it all is learned. Until then nothing of theirs is used.
* One that was learned so is on probation: should the SDP's host speak in the first PROBATION
  seconds, it takes the leg over, for good.

Only RTP of a payload type that the other side may send is to be shown to it.
"""

import enum
from typing import Final

PROOF_PACKETS: Final = 5
PROOF_TIME: Final = 0.08  # seconds from the first to the last of them
PROBATION: Final = 5.0  # seconds
# After a change of address what is still on its way from the old one must not be learned again.
OLD_ADDRESS_SHUNNED: Final = 1.0
CANDIDATES: Final = 32  # a flood of made-up senders is not to fill the memory

Address = tuple[str, int]


class Verdict(enum.Enum):
    """What is to become of a packet."""

    LEARNED = "learned"  # its source is the leg's from now on
    HEARD = "heard"  # it is from that source
    REFUSED = "refused"


class _Candidate:
    """How far somebody has got with the proof."""

    __slots__ = ("count", "next", "since", "ssrc")

    def __init__(self, seq: int, ssrc: int, now: float) -> None:
        self.ssrc = ssrc
        self.next = (seq + 1) & 0xFFFF
        self.count = 1
        self.since = now

    def receive(self, seq: int, ssrc: int, now: float) -> bool:
        """True once the proof is complete."""
        if (ssrc, seq) != (self.ssrc, self.next):
            self.ssrc, self.count, self.since = ssrc, 0, now
        self.next = (seq + 1) & 0xFFFF
        self.count += 1
        # To the microsecond: five packets that come 20 ms apart are enough.
        return self.count >= PROOF_PACKETS and round(now - self.since, 6) >= PROOF_TIME


class Latch:
    """The source of one leg; ``address`` is None until it is learned."""

    def __init__(self) -> None:
        self.address: Address | None = None
        self._host: str | None = None
        self._probation_until = 0.0
        self._candidates: dict[Address, _Candidate] = {}
        self._shunned: Address | None = None
        self._shunned_until = 0.0

    def expect(self, host: str | None, port: int, now: float) -> None:
        """Begin anew with what the SDP says; the host is None where that is no address."""
        if self.address not in (None, (host, port)):
            self._shunned, self._shunned_until = self.address, now + OLD_ADDRESS_SHUNNED
        self.address, self._host = None, host
        self._candidates.clear()

    def shuns(self, source: Address, now: float) -> bool:
        """Whether this is what the leg had before, a moment ago."""
        return source == self._shunned and now < self._shunned_until

    def settled(self, now: float) -> bool:
        """Whether nobody else can be learned any more."""
        return self.address is not None and now >= self._probation_until

    def receive(self, source: Address, seq: int, ssrc: int, now: float) -> Verdict:
        """Judge a packet."""
        if source == self.address:
            return Verdict.HEARD
        if self.settled(now) or self.shuns(source, now):
            return Verdict.REFUSED
        if source[0] == self._host:
            return self._learn(source, now)
        if self.address is None and self._proven(source, seq, ssrc, now):
            return self._learn(source, now + PROBATION)
        return Verdict.REFUSED

    def _learn(self, source: Address, probation_until: float) -> Verdict:
        self.address, self._probation_until = source, probation_until
        self._candidates.clear()
        return Verdict.LEARNED

    def _proven(self, source: Address, seq: int, ssrc: int, now: float) -> bool:
        if (candidate := self._candidates.get(source)) is not None:
            return candidate.receive(seq, ssrc, now)
        if len(self._candidates) == CANDIDATES:
            # One who is in the middle of the proof is not pushed out by those who only begin it.
            weakest = min(self._candidates, key=lambda one: self._candidates[one].count)
            del self._candidates[weakest]
        self._candidates[source] = _Candidate(seq, ssrc, now)
        return False
