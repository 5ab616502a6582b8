"""Sounds of the server's own, looked for in what a phone heard."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cti_server.media.g711 import Linear, decode
from cti_server.speech.cache import SHIPPED
from cti_server.speech.library import SHIPPED_VOICES
from cti_server.speech.rendering import clip_key, text_key
from cti_server.speech.saying import Clip
from cti_server.speech.telephone_sound import mu_law
from cti_server.speech.tones import TONES, sounded
from cti_server.speech.tts import voice_for
from simulator.phone_call import PhoneCall
from tests.running_server import PROMPT_CACHE

from .people import Caller, passed


def beeps_in(heard: Linear) -> NDArray[np.intp]:
    """At which samples the tone began of whose phone picked up by itself."""
    beep = decode(mu_law(sounded(TONES["beep"])), "PCMU")[:1600]
    if len(heard) < len(beep):
        return np.array([], dtype=np.intp)
    windows = np.lib.stride_tricks.sliding_window_view(heard, len(beep))
    return np.flatnonzero((windows == beep).all(axis=1))


async def beeped(call: PhoneCall, times: int = 1) -> None:
    """Wait for the tone, so many of it since the call began."""
    async with asyncio.timeout(30):
        while len(beeps_in(call.heard.everything())) < times:
            await passed(call, 0.1)


def spoken(what: str | Clip) -> Linear | None:
    """What the server says for this, from the same cache; None if it never said it."""
    voice = voice_for(SHIPPED_VOICES, "en")
    if isinstance(what, Clip) and what.snug:
        key = clip_key(what.text, "en", voice)
    else:
        key = text_key(what if isinstance(what, str) else what.text, "en", voice)
    name = f"{key}.ulaw"
    for folder in (PROMPT_CACHE, SHIPPED):
        if (folder / name).exists():
            return decode((folder / name).read_bytes(), "PCMU")
    return None


def said_in(heard: Linear, text: str | Clip) -> bool:
    """Whether these very samples were heard: prompts come through as they are."""
    what = spoken(text)
    if what is None:
        return False
    middle = what[len(what) // 4 : len(what) // 4 + 1600]  # a fifth of a second of it
    if len(heard) < len(middle):
        return False
    windows = np.lib.stride_tricks.sliding_window_view(heard, len(middle))
    return bool((windows == middle).all(axis=1).any())


async def hears_text(caller: Caller, text: str) -> None:
    async with asyncio.timeout(60):
        while not said_whole(caller, text):  # noqa: ASYNC110 - said by another process
            await asyncio.sleep(0.5)


def said_whole(caller: Caller, text: str) -> bool:
    """Whether they heard all of it, as the voice says it."""
    said = spoken(text)
    return said is not None and likeness(caller.call.heard.everything(), said) > 0.9


def joined_in(heard: Linear, files: Sequence[Path]) -> bool:
    """Whether these clips were heard, one right after the other."""
    return likeness(heard, decode(b"".join(file.read_bytes() for file in files), "PCMU")) > 0.9


def is_in(heard: NDArray[Any], said: Linear) -> bool:
    """Whether each half second of it is heard there, by its correlation with what was said."""
    pieces = [said[start : start + 4000] for start in range(0, len(said), 4000)]
    return all(likeness(heard, piece) > 0.9 for piece in pieces if loud(piece))


def loud(piece: NDArray[Any]) -> bool:
    return len(piece) == 4000 and float(np.abs(piece).mean()) > 500


def likeness(heard: NDArray[Any], sought: NDArray[Any]) -> float:
    """Where it is most like it: 1 if it is there and nothing else, 0 if it is nowhere."""
    if len(heard) < len(sought):
        return 0.0
    levels, wanted = heard.astype(np.float64), sought.astype(np.float64)
    size = 1 << (len(levels) + len(wanted)).bit_length()
    products = np.fft.irfft(np.fft.rfft(levels, size) * np.conj(np.fft.rfft(wanted, size)), size)
    energy = np.concatenate([[0.0], np.cumsum(levels**2)])
    windows = energy[len(wanted) :] - energy[: -len(wanted)]
    found = products[: len(windows)] / np.sqrt(np.maximum(windows, 1.0) * np.sum(wanted**2))
    return float(found.max())
