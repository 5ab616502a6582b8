"""The sound of a capture that still grows: of what is there the bytes are those of the archive."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from . import stereo
from .capture import CaptureChannel, CaptureInfo, read_from
from .errors import CaptureDamaged, UnknownCapture
from .wav_file import WavFile


class RunningSound:
    """
    A capture, opened. It goes on being read when the archive has it and its folder is gone.

    It disturbs nobody: the files are only ever appended to, and here only read. For one reader at
    a time, who closes it.
    """

    def __init__(self, folder: Path) -> None:
        """Raises UnknownCapture where nothing is captured (yet, or any more)."""
        self._folder = folder
        self._files: list[tuple[Path, BinaryIO]] = []
        with ExitStack() as opening:
            try:
                info = CaptureInfo.load(folder)
                for name in info.channels:
                    path = folder / name
                    self._files.append((path, opening.enter_context(path.open("rb"))))
            except (OSError, CaptureDamaged) as error:
                raise UnknownCapture(folder) from error
            self._mixed = info.layout == "mono" and len(self._files) > 1
            self._open = opening.pop_all()

    def close(self) -> None:
        self._open.close()

    @property
    def moved(self) -> bool:
        """Whether the folder is not in the spool any more: nothing comes any more."""
        return not self._folder.exists()

    def so_far(self, *, over: bool) -> WavFile | None:
        """
        As far as every channel goes; when it is ``over``, as an archive of WAV files has it.

        None if nothing was captured. Raises CaptureDamaged.
        """
        channels = self._channels()
        count = 1 if self._mixed else len(channels)
        if over and any(channel.samples for channel in channels):
            length = stereo.length(*channels, mixed=self._mixed)
            return WavFile(stereo.law(*channels), count, length)
        samples = min(channel.end for channel in channels)
        samples -= samples * count % 2  # chunks of a RIFF file end at even places
        if not samples:
            return None
        return WavFile(stereo.law(*channels), count, samples)

    def frames(self, wav: WavFile, start: int, end: int) -> Iterator[memoryview]:
        """The sound of the file from position ``start`` up to ``end``. Raises CaptureDamaged."""
        channels = self._channels()
        opened = [(channel, file) for channel, (_, file) in zip(channels, self._files, strict=True)]
        for codes in stereo.frames(opened, wav.codec, start, end, mixed=self._mixed):
            yield codes.data.cast("B")

    def _channels(self) -> list[CaptureChannel]:
        return [read_from(file, path) for path, file in self._files]
