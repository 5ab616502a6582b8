"""Sounds of the server's own, looked for in what a phone heard."""

import numpy as np
from numpy.typing import NDArray

from cti_server.media.g711 import Linear, decode
from cti_server.speech.telephone_sound import mu_law
from cti_server.speech.tones import TONES, sounded


def beeps_in(heard: Linear) -> NDArray[np.intp]:
    """At which samples the tone began of whose phone picked up by itself."""
    beep = decode(mu_law(sounded(TONES["beep"])), "PCMU")[:1600]
    if len(heard) < len(beep):
        return np.array([], dtype=np.intp)
    windows = np.lib.stride_tricks.sliding_window_view(heard, len(beep))
    return np.flatnonzero((windows == beep).all(axis=1))
