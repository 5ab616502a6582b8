"""
How many values a machine understands that are joined from clips, as a caller gets them.

Random values of each kind in both languages, at 8 kHz mu-law and without a word around them, heard
by Whisper-base. It is shown how to write numbers in words. With ``--control`` also the same words
spoken in one breath, which is as much as the voice and the listener allow. ``python -m
benchmarks.bench_values``; needs the test dependencies.
"""

import argparse
import itertools
import random
import sys
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from cti_server.speech import saying
from cti_server.speech.library import SHIPPED_VOICES
from cti_server.speech.rendering import spoken
from cti_server.speech.tts import voice_for
from ivr.texts import SayAs
from tests.speech.recognisers import whisper
from tests.speech.values_heard import FIGURES, HINTS, file_of, in_words, wrong

Random = random.Random


def size(dice: Random) -> int:
    """As many of one figure as of six."""
    return dice.randrange(10 ** dice.randint(1, 6))


KINDS: dict[str, tuple[SayAs, Callable[[Random], str]]] = {
    "digits": (SayAs.DIGITS, lambda dice: f"{dice.randrange(10**8):08}"),
    "phone": (SayAs.PHONE, lambda dice: f"138{dice.randrange(10**8):08}"),
    "number": (SayAs.NUMBER, lambda dice: str(size(dice))),
    "decimal": (SayAs.NUMBER, lambda dice: f"{dice.randrange(1000)}.{dice.randrange(1, 100):02}"),
    "money CNY": (SayAs.MONEY, lambda dice: f"{size(dice)}.{dice.randrange(100):02}"),
    "money USD": (SayAs.MONEY, lambda dice: f"{size(dice)}.{dice.randrange(100):02} USD"),
    "date": (SayAs.DATE, lambda dice: str(date(2000, 1, 1) + timedelta(dice.randrange(18000)))),
    "time": (SayAs.TIME, lambda dice: f"{dice.randrange(24):02}:{dice.randrange(60):02}"),
    "ordinal": (SayAs.ORDINAL, lambda dice: str(dice.randrange(1, 200))),
    "duration": (SayAs.DURATION, lambda dice: str(dice.randrange(200_000))),
}


def in_one_breath(said: str, language: str, hint: str) -> str:
    """What is understood of the same words as one sentence."""
    sentence = f"{said}{'。' if language == 'zh' else '.'}"
    with tempfile.NamedTemporaryFile(suffix=".ulaw") as file:
        file.write(spoken(sentence, language, voice_for(SHIPPED_VOICES, language)))
        file.flush()
        return whisper([Path(file.name)], language, hint)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=40, help="values of each kind")
    options.add_argument("--language", choices=HINTS, action="append")
    options.add_argument("--control", action="store_true", help="the same words in one breath too")
    options.add_argument("--misheard", action="store_true", help="show what was written instead")
    given = options.parse_args()
    print("| kind | language | understood | wrong words or syllables | in one breath |")
    print("|---|---|---|---|---|")
    for language, (kind, (say_as, draw)) in itertools.product(
        given.language or HINTS, KINDS.items()
    ):
        dice = random.Random(f"{language} {kind}")
        hint = (FIGURES if kind in ("digits", "phone") else HINTS)[language]
        joined, breath = list[float](), list[float]()
        for _ in range(given.count):
            clips = saying.clips(draw(dice), say_as, language)
            words = in_words(clips)
            said = words.replace(" ", "") if language == "zh" else words
            files = [file_of(clip, language) for clip in clips]
            heard = whisper(files, language, hint)
            joined.append(wrong(words, heard, language))
            if joined[-1] and given.misheard:
                print(f"  {kind}: {said} -> {heard}", file=sys.stderr)
            if given.control:
                breath.append(wrong(words, in_one_breath(said, language, hint), language))
        control = f"{breath.count(0)} of {given.count}" if given.control else ""
        print(
            f"| {kind} | {language} | {joined.count(0)} of {given.count} "
            f"| {sum(joined) / given.count:.1%} | {control} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
