"""Tones are found again at their frequency, and WAV files of all kinds come in at 8 kHz."""

import itertools
import wave
from pathlib import Path

import numpy as np
import pytest

from cti_server.media.g711 import Linear, decode, encode
from simulator import audio


def second_of(sound: audio.Sound) -> Linear:
    return np.concatenate(list(itertools.islice(sound, 50)))


@pytest.mark.parametrize("hz", [100, 440, 1004.5, 3300])
def test_a_tone_has_its_frequency_also_after_g711(hz: float) -> None:
    heard = decode(encode(second_of(audio.tone(hz)), "PCMA"), "PCMA")

    assert audio.frequency(heard) == pytest.approx(hz, abs=1)


def test_a_tone_goes_on_without_a_jump_between_its_frames() -> None:
    samples = second_of(audio.tone(440)).astype(int)

    steepest = 2 * np.pi * 440 / 8000 * 32767 * 10 ** (audio.LEVEL / 20)
    assert np.abs(np.diff(samples)).max() <= steepest + 1


def test_silence_has_no_frequency() -> None:
    assert audio.frequency(np.zeros(8000, np.int16)) is None
    assert audio.frequency(np.zeros(0, np.int16)) is None


def test_a_wav_that_was_written_reads_the_same(tmp_path: Path) -> None:
    samples = second_of(audio.tone(440))
    audio.write_wav(tmp_path / "a.wav", samples)

    assert audio.read_wav(tmp_path / "a.wav").tolist() == samples.tolist()


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44100, 2)])
def test_a_wav_of_any_shape_becomes_8_khz_and_one_channel(
    tmp_path: Path, width: int, rate: int, channels: int
) -> None:
    wide = (0.25 * 2**31 * np.sin(2 * np.pi * 700 * np.arange(rate) / rate)).astype("<i4")
    raw = np.repeat(wide, channels).view(np.uint8).reshape(-1, 4)[:, 4 - width :]
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes((raw ^ 0x80 if width == 1 else raw).tobytes())

    samples = audio.read_wav(tmp_path / "a.wav")

    assert len(samples) == pytest.approx(8000, abs=2)
    assert audio.frequency(samples) == pytest.approx(700, abs=1)
    assert audio.loudness(samples) == pytest.approx(-15.05, abs=0.2)


def test_a_file_that_is_no_wav_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"no sound at all")

    with pytest.raises(audio.SoundUnreadable, match=r"a\.wav"):
        audio.read_wav(tmp_path / "a.wav")


def test_the_last_frame_of_a_sound_is_filled_with_silence() -> None:
    frames = list(audio.played(np.ones(200, np.int16)))

    assert [int(frame.sum()) for frame in frames] == [160, 40]
