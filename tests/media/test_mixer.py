import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cti_server.media.mixer import Mixer, mix
from tests.sizes import examples

Frames = npt.NDArray[np.int16]


def frames_of(legs: int) -> st.SearchStrategy[Frames]:
    return arrays(np.int16, (legs, 160), elements=st.integers(-32768, 32767))


@st.composite
def mixes(draw: st.DrawFn) -> tuple[Frames, npt.NDArray[np.bool_]]:
    sources, listeners = draw(st.integers(1, 5)), draw(st.integers(0, 5))
    return draw(frames_of(sources)), draw(arrays(np.bool_, (listeners, sources)))


def naive(frames: Frames, hears: npt.NDArray[np.bool_]) -> list[list[int]]:
    """The definition, sample by sample."""
    return [
        [
            max(
                -32768, min(32767, sum(int(f[at]) for f, on in zip(frames, row, strict=True) if on))
            )
            for at in range(160)
        ]
        for row in hears
    ]


@settings(max_examples=examples(60))
@given(mixes())
def test_everybody_hears_the_exact_sum_of_those_it_hears(
    drawn: tuple[Frames, npt.NDArray[np.bool_]],
) -> None:
    frames, hears = drawn

    heard = mix(frames, hears)

    assert heard.dtype == np.int16
    assert heard.shape == (len(hears), 160)
    assert heard.tolist() == naive(frames, hears)


def test_what_is_too_loud_is_held_at_the_limit_and_does_not_wrap_around() -> None:
    loud = np.full((3, 160), 30000, np.int16)

    assert set(mix(loud, np.array([[True] * 3]))[0].tolist()) == {32767}
    assert set(mix(-loud, np.array([[True] * 3]))[0].tolist()) == {-32768}


@settings(max_examples=examples(60))
@given(
    st.dictionaries(
        st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=8), max_size=6
    )
)
def test_a_mixer_gives_each_listener_its_sources_once_and_never_itself(
    hears: dict[str, list[str]],
) -> None:
    mixer = Mixer(hears)
    frames = np.array(
        [[100 * (ord(leg) - ord("a") + 1)] * 160 for leg in mixer.sources], np.int16
    ).reshape(-1, 160)

    heard = mixer.mix(frames)

    assert mixer.listeners == list(hears)
    assert heard[:, 0].tolist() == [
        sum(100 * (ord(leg) - ord("a") + 1) for leg in set(hears[me]) - {me}) for me in hears
    ]


def test_a_conference_of_three_a_supervisor_and_a_whisper_in_one_go() -> None:
    mixer = Mixer(
        {
            "one": ["two", "three"],
            "two": ["one", "three"],
            "three": ["one", "two"],
            "supervisor": ["caller", "agent"],
            "agent": ["caller", "supervisor"],
            "alone": [],
        }
    )
    voice = {"one": 1, "two": 20, "three": 300, "caller": 4, "agent": 50, "supervisor": 600}
    frames = np.array([[voice[leg]] * 160 for leg in mixer.sources], np.int16)

    heard = dict(zip(mixer.listeners, mixer.mix(frames)[:, -1].tolist(), strict=True))

    assert heard == {
        "one": 320, "two": 301, "three": 21, "supervisor": 54, "agent": 604, "alone": 0,
    }  # fmt: skip


def test_nobody_to_be_heard_is_silence() -> None:
    assert Mixer({"a": [], "b": ["b"]}).mix(np.zeros((0, 160), np.int16)).tolist() == [
        [0] * 160,
        [0] * 160,
    ]
