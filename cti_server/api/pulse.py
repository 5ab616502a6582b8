"""Round trips on a stream, by its pings and their pongs (RFC 6455 §5.5.2, §5.5.3). Pure."""

from cti_server.floor.fitness import StreamHealth


class Pulse:
    """
    Hands out pings and takes in pongs.

    Browsers answer pings below the page: also where a hidden tab's own timers stand still.
    """

    def __init__(self) -> None:
        self._number = 0
        self._sent_at: dict[bytes, float] = {}  # pings without an answer yet, the oldest first
        self._round_trip: float | None = None

    @property
    def health(self) -> StreamHealth:
        """The newest ping is still under way: it is not missed before the next one is sent."""
        return StreamHealth(self._round_trip, max(0, len(self._sent_at) - 1))

    def ping(self, now: float) -> bytes:
        """What to send now."""
        self._number += 1
        payload = b"%d" % self._number
        self._sent_at[payload] = now
        return payload

    def pong(self, payload: bytes, now: float) -> bool:
        """Whether it answers one of ours; then those before it will not be answered any more."""
        sent_at = self._sent_at.get(payload)
        if sent_at is None:
            return False
        self._round_trip = now - sent_at
        answered = int(payload)
        self._sent_at = {one: at for one, at in self._sent_at.items() if int(one) > answered}
        return True
