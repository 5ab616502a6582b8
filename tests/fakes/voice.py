"""A voice that hums: the longer the text, the longer the tone."""

from dataclasses import dataclass, field

import numpy as np

from cti_server.speech.tts import Samples

RATE = 24000


@dataclass
class HummingVoice:
    id: str = "humming/1"
    languages: tuple[str, ...] = ("en", "zh")
    said: list[str] = field(default_factory=list)

    def synthesize(self, text: str, language: str) -> tuple[Samples, int]:
        self.said.append(text)
        time = np.arange(int(RATE * 0.05 * len(text))) / RATE
        return (8000 * np.sin(2 * np.pi * 440 * time)).astype(np.int16), RATE
