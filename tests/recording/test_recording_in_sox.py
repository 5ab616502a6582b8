"""SoX, which nobody here wrote, hears in a recording what was said on each side."""

import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from recording.laws import LEVELS, Codec

from .captures import capture, finish, local, sound, write_channel

pytestmark = pytest.mark.interop

SECONDS = 2


def tone(frequency: int, codec: Codec) -> bytes:
    wave = 12000 * np.sin(2 * np.pi * frequency * np.arange(8000 * SECONDS) / 8000)
    levels = LEVELS[codec].astype(np.float64)
    return bytes(np.abs(levels[None, :] - wave[:, None]).argmin(axis=1).tolist())


def sox(*arguments: str | Path) -> bytes:
    done = subprocess.run(["sox", *arguments], check=True, capture_output=True)
    assert done.stderr == b""  # not even a warning
    return done.stdout


def recorded(capture: Path, folder: Path) -> Path:
    """What is heard of it in the archive, as a file."""
    store = local(folder / "archive")
    wav = folder / "heard.wav"
    wav.write_bytes(sound(finish(capture, store), store))
    return wav


def heard_on(wav: Path, channel: int) -> npt.NDArray[np.int16]:
    raw = sox(wav, *["-t", "raw", "-e", "signed", "-b", "16", "-L", "-"], "remix", str(channel))
    return np.frombuffer(raw, "<i2")


def pitch(samples: npt.NDArray[np.int16]) -> float:
    return float(np.abs(np.fft.rfft(samples.astype(float))).argmax()) / SECONDS


@pytest.mark.parametrize("caller", ["PCMU", "PCMA"])
@pytest.mark.parametrize("agent", ["PCMU", "PCMA"])
def test_sox_hears_the_caller_left_and_the_agent_right(
    tmp_path: Path, caller: Codec, agent: Codec
) -> None:
    folder = capture(tmp_path / "spool")
    write_channel(folder / "caller.g711", tone(440, caller), codec=caller)
    write_channel(folder / "agent.g711", tone(1000, agent), codec=agent)

    wav = recorded(folder, tmp_path)

    assert pitch(heard_on(wav, 1)) == 440
    assert pitch(heard_on(wav, 2)) == 1000
    assert len(heard_on(wav, 1)) == 8000 * SECONDS
    told = subprocess.run(["soxi", wav], check=True, capture_output=True, text=True).stdout
    assert {"PCMU": "u-law", "PCMA": "A-law"}[caller] in told
    assert "Channels       : 2" in told


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_sox_gives_every_code_the_level_that_we_give_it(tmp_path: Path, codec: Codec) -> None:
    folder = capture(tmp_path / "spool")
    for name in ("caller.g711", "agent.g711"):
        write_channel(folder / name, bytes(range(256)), codec=codec)

    wav = recorded(folder, tmp_path)

    assert heard_on(wav, 1).tolist() == LEVELS[codec].tolist()
