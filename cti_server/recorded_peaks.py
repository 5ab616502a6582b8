"""What is drawn of recordings, made by a job process: it looks at every sample once."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor
from functools import partial
from pathlib import Path

import structlog

from config.archive import StoreSettings
from recording.drawing import (
    Sealed,
    draw,
    draw_edited,
    draw_edited_plain,
    draw_plain,
    draw_running,
)
from recording.edits import Span
from recording.errors import CaptureDamaged, RecordingError, SealBroken, UnknownCapture

from .file_keys import FileKeys
from .recorded_sound import RecordedSounds, SoundUnavailable
from .store.recordings import RUNNING, Recording

log = structlog.get_logger()


class RecordedPeaks:
    """
    The peaks of recordings as JSON; ``kept``: the folder where those of stored ones are.

    None of what has no sound (any more). Raises SoundUnavailable.
    """

    def __init__(
        self,
        sounds: RecordedSounds,
        keys: FileKeys,
        *,
        jobs: Executor,
        settings: Mapping[str, StoreSettings],
        spool: Path,
        kept: Path,
    ) -> None:
        self._sounds = sounds
        self._keys = keys
        self._jobs = jobs
        self._settings = settings
        self._spool = spool
        self._kept = kept

    async def of(self, recording: Recording, most: int, spans: Sequence[Span] = ()) -> str | None:
        """At most so many points, of the recording with these edits."""
        try:
            job = await self._job(recording, most, tuple(spans))
            if job is None:
                return None
            return await asyncio.get_running_loop().run_in_executor(self._jobs, job)
        except (UnknownCapture, CaptureDamaged):
            return None
        except (OSError, SealBroken, RecordingError, BrokenExecutor) as error:
            log.error("recording.not_drawn", recording=recording.id, reason=str(error))  # noqa: TRY400
            raise SoundUnavailable(
                f"the sound of recording {recording.id} cannot be opened now"
            ) from error

    async def _job(
        self, recording: Recording, most: int, spans: tuple[Span, ...]
    ) -> Callable[[], str | None] | None:
        if recording.state == RUNNING:
            return partial(draw_running, self._spool / recording.id, most)
        if (plain := await self._sounds.plain_file(recording)) is not None:
            if spans:
                return partial(draw_edited_plain, plain, recording.samples, spans, most)
            return partial(draw_plain, plain, most)
        keys = await self._keys.of([recording.id])
        if recording.file is None or recording.id not in keys:
            return None
        sealed = Sealed(recording.id, recording.file, keys[recording.id], tuple(recording.stores))
        if spans:
            return partial(draw_edited, sealed, self._settings, recording.samples, spans, most)
        return partial(draw, sealed, self._settings, self._kept, most)
