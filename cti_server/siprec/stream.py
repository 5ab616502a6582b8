"""One place for a stream of another PBX's call: its media, and whether anything is heard on it."""

import asyncio
from collections.abc import Callable

from cti_server.media.key_presses import Way
from cti_server.media.media_leg import MediaLeg
from cti_server.media.plane import MediaPlane
from cti_server.media.worker_reports import LegQuality, PeerState
from cti_server.sip.recorded_streams import OfferedStream


class RecordedStream:
    """
    A port that is kept for the whole session; streams come to it one after the other.

    ``changed`` is called when it falls silent or is heard again, ``lost`` when its worker has died.
    """

    def __init__(self, changed: Callable[[], None], lost: Callable[[], None]) -> None:
        self.taken: OfferedStream | None = None
        self.quality: LegQuality | None = None
        self.silent_since: float | None = None
        """Loop time; None while it is heard, or nothing is to be heard."""
        self._changed = changed
        self._lost = lost
        self._media: MediaLeg | None = None

    @property
    def media(self) -> MediaLeg:
        if self._media is None:
            raise RuntimeError("the stream has no media yet")
        return self._media

    async def open(
        self, plane: MediaPlane, leg_id: str, beside: "RecordedStream | None" = None
    ) -> None:
        """Raises MediaUnavailable."""
        at = None if beside is None else beside.media
        self._media = await plane.open_leg(leg_id, self, beside=at)

    def take(self, stream: OfferedStream) -> None:
        """This is what comes from now on. What was muted is silent, whatever comes all the same."""
        self.taken = stream
        self.silent_since = None
        self.media.set_remote(
            host=stream.host,
            port=stream.port,
            codec=stream.codec,
            payload_type=stream.payload_type,
            dtmf_payload_type=None,
            direction="recvonly" if stream.sent else "inactive",
        )
        self.media.mask(not stream.sent)

    def free(self) -> None:
        """Nothing comes any more."""
        if self.taken is None:
            return
        self.taken = None
        self.silent_since = None
        self.media.mask(True)

    async def close(self) -> None:
        """Give the port back, if there is one."""
        if self._media is not None:
            self.quality = await self._media.close()

    # --- what its media tells it --------------------------------------------------------------

    def digit(self, digit: str, duration_ms: int, way: Way) -> None:
        """Keys are the other PBX's business."""

    def rtp_silent(self, seconds: float) -> None:
        if self.taken is not None and self.taken.sent and self.silent_since is None:
            self.silent_since = asyncio.get_running_loop().time() - seconds
            self._changed()

    def rtcp_heard(self) -> None:
        """It says nothing, but somebody is there: the time counts anew."""
        if self.silent_since is not None:
            self.silent_since = asyncio.get_running_loop().time()
            self._changed()

    def rtp_resumed(self) -> None:
        if self.silent_since is not None:
            self.silent_since = None
            self._changed()

    def peer_changed(self, state: PeerState, reason: str) -> None:
        """Browsers alone have peers."""

    def media_lost(self) -> None:
        self._lost()
