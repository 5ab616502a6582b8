"""The jobs: what a process of the pool does for the library. Most leave a file in the cache."""

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from .cache import Cache, key
from .errors import RenderFailed, SoundInvalid, TextUnspeakable
from .telephone_sound import Sound, faded, levelled, mu_law, resampled, snug, trimmed
from .tts import Voice
from .wav import LARGEST_FILE, read_wav

FORM: Final = "1"  # of trimming, level and encoding; a new one makes all files anew
CLIP_FORM: Final = "1"  # the same of clips that stand within a word
LONGEST_TEXT: Final = 5000  # characters


def text_key(text: str, language: str, voice: Voice) -> str:
    return key("text", FORM, voice.id, language, " ".join(text.split()))


def clip_key(text: str, language: str, voice: Voice) -> str:
    return key("clip", CLIP_FORM, voice.id, language, text)


def speak(folder: Path, text: str, language: str, voice: Voice) -> Path:
    """Render a text unless another process just did."""
    cache, name = Cache(folder), text_key(text, language, voice)
    if (path := cache.find(name)) is not None:
        return path
    return _keep(cache, name, spoken(text, language, voice), voice.id)


def speak_clip(folder: Path, text: str, language: str, voice: Voice) -> Path:
    """The same for a clip that others follow as within one word."""
    cache, name = Cache(folder), clip_key(text, language, voice)
    if (path := cache.find(name)) is not None:
        return path
    return _keep(
        cache, name, spoken(text, language, voice, partial(snug, language=language)), voice.id
    )


def spoken(
    text: str, language: str, voice: Voice, cut: Callable[[Sound], Sound] = trimmed
) -> bytes:
    """A text as mu-law; nothing of it is kept."""
    if not text.strip():
        raise TextUnspeakable("there is nothing to say: the text is empty")
    if len(text) > LONGEST_TEXT:
        raise TextUnspeakable(
            f"{len(text)} characters (at most {LONGEST_TEXT} can be said at once)"
        )
    samples, rate = voice.synthesize(text, language)
    sound = cut(resampled(samples / 32768.0, rate))
    if not len(sound):
        raise TextUnspeakable(f"the voice {voice.id} said nothing")
    return mu_law(faded(levelled(sound)))


def imported(folder: Path, path: Path) -> Path | None:
    """What this recording's content became. Blocks; raises SoundInvalid."""
    return Cache(folder).find(_key_of(_read(path)))


def import_file(folder: Path, path: Path) -> Path:
    """Convert a recording. Its silences are its author's."""
    data = _read(path)
    try:
        sound, rate = read_wav(data)
    except SoundInvalid as error:
        raise SoundInvalid(f"{path}: {error}") from None
    made = mu_law(faded(levelled(resampled(sound, rate))))
    return _keep(Cache(folder), _key_of(data), made, "import")


def _key_of(recording: bytes) -> str:
    return key("wav", FORM, hashlib.sha256(recording).hexdigest())


def compose(folder: Path, name: str, source: str, composer: Callable[[], Sound]) -> Path:
    """Render what is computed: music, tones."""
    cache = Cache(folder)
    if (path := cache.find(name)) is not None:
        return path
    return _keep(cache, name, mu_law(composer()), source)


def _keep(cache: Cache, name: str, sound: bytes, source: str) -> Path:
    try:
        return cache.keep(name, sound, source)
    except OSError as error:
        raise RenderFailed(f"the prompt cache cannot be written: {error}") from error


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise SoundInvalid(f"{path}: larger than {LARGEST_FILE >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise SoundInvalid(f"{path}: cannot be read: {error.strerror}") from error
