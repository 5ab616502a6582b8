"""A leg's media with a memory: what was played, bridged and sent, and whether it still plays."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from cti_server.media.errors import MediaUnavailable
from cti_server.media.media_leg import Listening, Playing
from cti_server.media.worker_reports import LegQuality


class FakeMedia:
    """Stands for :class:`cti_server.media.plane.MediaLeg`; prompts last as long as they say."""

    def __init__(self, seconds: float = 1.0) -> None:
        self.host, self.port = "127.0.0.1", 20000
        self.seconds = seconds  # that each file lasts
        self.played: list[tuple[str, ...]] = []
        self.cut: list[tuple[str, ...]] = []
        self.music: list[str] = []
        self.bridged_to: object | None = None
        self.muted = self.masked = False
        self.closed = 0
        self.listenings: list[Listening] = []

    async def play(
        self,
        files: Sequence[Path],
        *,
        repeat: bool = False,
        barge_in: bool = False,
        over: bool = False,
        private: bool = False,
    ) -> str:
        names = tuple(file.name for file in files)
        self.played.append(names)
        try:
            await asyncio.sleep(self.seconds * len(files))
        except asyncio.CancelledError:
            self.cut.append(names)
            raise
        return "finished"

    def begin_play(
        self, files: Sequence[Path], *, barge_in: bool = False, private: bool = False
    ) -> Playing:
        names = tuple(file.name for file in files)
        self.played.append(names)
        playing = Playing(lambda: end("stopped"))

        def end(how: str) -> None:
            ending.cancel()
            if how == "stopped":
                self.cut.append(names)
            playing.ended.set_result(how)

        loop = asyncio.get_running_loop()
        ending = loop.call_later(self.seconds * len(files), end, "finished")
        return playing

    def start_play(
        self,
        files: Sequence[Path],
        *,
        repeat: bool = False,
        barge_in: bool = False,
        over: bool = False,
        private: bool = False,
    ) -> int:
        self.music += [file.name for file in files]
        return len(self.music)

    def listen(self, *, longest_ms: int = 8000) -> Listening:
        self.listenings.append(Listening(len(self.listenings), lambda number: None))
        return self.listenings[-1]

    def stop_play(self, play: int | None = None) -> None: ...

    def bridge(self, other: object) -> None:
        self.bridged_to = other

    def unbridge(self) -> None:
        self.bridged_to = None

    def mute(self, on: bool) -> None:
        self.muted = on

    def mask(self, on: bool) -> None:
        self.masked = on

    def set_remote(self, **remote: object) -> None:
        self.remote = remote

    async def close(self) -> LegQuality:
        self.closed += 1
        return LegQuality()


class FakePlane:
    """Gives out one leg's media, or refuses when it has none."""

    def __init__(self, *media: FakeMedia) -> None:
        self._media = list(media)
        self.hears: dict[object, list[object]] = {}  # who hears whom

    async def open_leg(
        self, leg_id: str, listener: object, *, beside: object = None, transport: str = "rtp"
    ) -> FakeMedia:
        if not self._media:
            raise MediaUnavailable("no port")
        return self._media.pop(0)

    def connect(self, hears: Mapping[FakeMedia, Sequence[FakeMedia]]) -> None:
        self.hears |= {leg: list(heard) for leg, heard in hears.items()}
