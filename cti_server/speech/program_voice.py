"""A voice that is a program: any engine with a command line, or the client of a speech service."""

import subprocess
from dataclasses import dataclass
from typing import Final

import numpy as np

from .cache import key
from .errors import RenderFailed, SoundInvalid, TextUnspeakable, VoiceMissing
from .tts import Samples
from .wav import read_wav

PATIENCE: Final = 60.0
"""Seconds that a text may take; a program that takes longer is ended."""

_TOLD: Final = 300  # characters of what it complains of


@dataclass(frozen=True, slots=True)
class ProgramVoice:
    """The text goes to its standard input (UTF-8); a WAV file comes from its standard output."""

    language: str
    program: tuple[str, ...]
    version: str = ""
    """Another one makes all sounds anew."""

    @property
    def id(self) -> str:
        return f"program/{key(*self.program)[:16]}/{self.version}"

    @property
    def languages(self) -> tuple[str, ...]:
        return (self.language,)

    def synthesize(self, text: str, language: str) -> tuple[Samples, int]:
        if not any(char.isalnum() for char in text):
            raise TextUnspeakable("there is nothing to say in the text")
        try:
            sound, rate = read_wav(self._run(text))
        except SoundInvalid as error:
            raise RenderFailed(f"{self.program[0]}: {error}") from None
        return np.rint(np.clip(sound, -1, 1) * 32767).astype(np.int16), rate

    def _run(self, text: str) -> bytes:
        try:
            done = subprocess.run(  # noqa: S603 - the operator's own command, without a shell
                self.program, input=text.encode(), capture_output=True, timeout=PATIENCE, check=True
            )
        except subprocess.TimeoutExpired:
            raise RenderFailed(f"{self.program[0]} took longer than {PATIENCE:.0f} s") from None
        except subprocess.CalledProcessError as error:
            told = error.stderr.decode(errors="replace").strip()[-_TOLD:]
            raise RenderFailed(f"{self.program[0]} ended with {error.returncode}: {told}") from None
        except OSError as error:
            raise VoiceMissing(f"{self.program[0]} cannot be run: {error.strerror}") from None
        return done.stdout
