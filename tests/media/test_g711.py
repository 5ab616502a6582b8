import numpy as np
import pytest

from cti_server.media.g711 import A_TO_MU, MU_TO_A, SILENCE, decode, encode, translation
from cti_server.media.protocol import Codec

ALL = bytes(range(256))


@pytest.mark.parametrize(
    ("codec", "code", "sample"),
    [  # ITU-T G.711 tables 1 and 2, in 16 bits
        ("PCMU", 0x00, -32124),
        ("PCMU", 0x80, 32124),
        ("PCMU", 0xFF, 0),
        ("PCMU", 0x7F, 0),
        ("PCMU", 0xFE, 8),
        ("PCMA", 0xD5, 8),
        ("PCMA", 0x55, -8),
        ("PCMA", 0xAA, 32256),
        ("PCMA", 0x2A, -32256),
    ],
)
def test_codes_mean_what_the_standard_says(codec: Codec, code: int, sample: int) -> None:
    assert decode(bytes([code]), codec)[0] == sample


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_what_is_decoded_encodes_to_the_same_value(codec: Codec) -> None:
    samples = decode(ALL, codec)

    assert np.array_equal(decode(encode(samples, codec), codec), samples)


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_every_sample_gets_the_nearest_code(codec: Codec) -> None:
    samples = np.arange(-32768, 32768, 7).astype(np.int16)
    error = np.abs(decode(encode(samples, codec), codec).astype(int) - samples)
    best = np.abs(decode(ALL, codec).astype(int)[None, :] - samples[:, None].astype(int)).min(
        axis=1
    )

    assert np.array_equal(error, best)


def test_the_two_laws_translate_to_the_nearest_value() -> None:
    mu, a = decode(ALL, "PCMU").astype(int), decode(ALL, "PCMA").astype(int)

    assert np.array_equal(np.abs(a[list(MU_TO_A)] - mu), np.abs(a[None] - mu[:, None]).min(axis=1))
    assert np.array_equal(np.abs(mu[list(A_TO_MU)] - a), np.abs(mu[None] - a[:, None]).min(axis=1))


def test_silence_stays_silence_in_either_law() -> None:
    assert encode(np.zeros(1, np.int16), "PCMU")[0] == SILENCE["PCMU"]
    assert MU_TO_A[SILENCE["PCMU"]] == SILENCE["PCMA"]
    assert abs(int(decode(bytes([A_TO_MU[SILENCE["PCMA"]]]), "PCMU")[0])) <= 8


def test_one_law_needs_no_translation() -> None:
    assert translation("PCMU", "PCMU") is None
    assert translation("PCMU", "PCMA") == MU_TO_A
    assert translation("PCMA", "PCMU") == A_TO_MU
