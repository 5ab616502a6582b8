"""G.722 and Opus beside G.711, packet lengths, comfort noise, and events of two numbers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.sip.offer_answer import (
    LocalMedia,
    NoCommonCodec,
    answer_offer,
    make_offer,
    read_answer,
)
from cti_server.sip.sdp import Sdp

from .strategies import descriptions

OURS = LocalMedia("198.51.100.7", 20000, session_id=1, fallback=("G722", "OPUS"))

BROWSER = (
    "m=audio 9 RTP/AVP 111 63 9 0 8 13 110 126",
    "a=rtpmap:111 opus/48000/2",
    "a=fmtp:111 minptime=10;useinbandfec=1",
    "a=rtpmap:63 red/48000/2",
    "a=rtpmap:9 G722/8000",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:13 CN/8000",
    "a=rtpmap:110 telephone-event/48000",
    "a=rtpmap:126 telephone-event/8000",
)


def describe(*lines: str) -> Sdp:
    head = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"]
    return Sdp.parse("\r\n".join([*head, *lines]).encode())


def without(codec_payloads: set[str]) -> Sdp:
    """The browser's offer with some of its numbers struck out."""
    first, *attributes = BROWSER
    (*words,) = first.split()
    numbers = [word for word in words[3:] if word not in codec_payloads]
    return describe(" ".join([*words[:3], *numbers]), *attributes)


def audio_of(sdp: Sdp) -> list[str]:
    lines = bytes(sdp).decode().splitlines()
    return lines[next(at for at, line in enumerate(lines) if line.startswith("m=")) :]


def test_g711_is_taken_however_far_down_the_offer_it_stands() -> None:
    agreement = answer_offer(describe(*BROWSER), OURS)[1]

    assert (agreement.codec, agreement.payload_type) == ("PCMU", 0)
    assert (agreement.dtmf_payload_type, agreement.dtmf_clock_rate) == (126, 8000)


@pytest.mark.parametrize(
    ("missing", "codec", "events", "clock_rate"),
    [
        ({"0", "8"}, "OPUS", 110, 48000),
        ({"0", "8", "111"}, "G722", 126, 8000),
        ({"0", "8", "110"}, "OPUS", 126, 8000),
        ({"0", "8", "110", "126"}, "OPUS", None, 8000),
        ({"0", "8", "111", "126"}, "G722", None, 8000),
    ],
)
def test_without_g711_their_favourite_of_the_others_is_taken_with_the_events_of_its_clock(
    missing: set[str], codec: str, events: int | None, clock_rate: int
) -> None:
    agreement = answer_offer(without(missing), OURS)[1]

    assert agreement.codec == codec
    assert (agreement.dtmf_payload_type, agreement.dtmf_received_as) == (events, events)
    assert agreement.dtmf_clock_rate == clock_rate


def test_which_codecs_come_first_is_the_operators_to_say() -> None:
    wideband = replace(OURS, codecs=("G722", "PCMU", "PCMA"), fallback=("OPUS",))
    none = replace(OURS, fallback=())

    assert answer_offer(describe(*BROWSER), wideband)[1].codec == "G722"
    with pytest.raises(NoCommonCodec):
        answer_offer(without({"0", "8"}), none)


def test_an_opus_answer_says_what_is_heard_of_it() -> None:
    """RFC 7587 §6.1: nobody need spend bits on what is not heard."""
    answer, agreement = answer_offer(without({"0", "8"}), OURS)

    assert agreement.payload_type == 111
    assert audio_of(answer) == [
        "m=audio 20000 RTP/AVP 111 110",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 maxplaybackrate=8000;sprop-maxcapturerate=8000;"
        "maxaveragebitrate=20000;useinbandfec=1",
        "a=rtpmap:110 telephone-event/48000",
        "a=fmtp:110 0-15",
        "a=ptime:20",
        "a=maxptime:60",
        "a=sendrecv",
    ]


def test_a_g722_answer_has_the_clock_of_its_rfc() -> None:
    """RFC 3551 §4.5.2: 8000, although it is sampled at 16 kHz; its number may go without saying."""
    answer, agreement = answer_offer(describe("m=audio 9 RTP/AVP 9"), OURS)

    assert (agreement.codec, agreement.payload_type) == ("G722", 9)
    assert audio_of(answer)[:2] == ["m=audio 20000 RTP/AVP 9", "a=rtpmap:9 G722/8000"]


@pytest.mark.parametrize(
    "lines",
    [
        ["m=audio 9 RTP/AVP 96", "a=rtpmap:96 opus/48000"],  # RFC 7587 §7: always two channels
        ["m=audio 9 RTP/AVP 96", "a=rtpmap:96 opus/16000/2"],
        ["m=audio 9 RTP/AVP 96", "a=rtpmap:96 G722/16000"],
        ["m=audio 9 RTP/AVP 13"],
    ],
)
def test_what_is_not_said_as_the_rfc_says_it_is_no_codec(lines: list[str]) -> None:
    with pytest.raises(NoCommonCodec):
        answer_offer(describe(*lines), OURS)


def test_an_offer_has_the_second_choices_last_and_events_of_both_clocks() -> None:
    assert audio_of(make_offer(OURS)) == [
        "m=audio 20000 RTP/AVP 0 8 9 111 101 110",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:9 G722/8000",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 maxplaybackrate=8000;sprop-maxcapturerate=8000;"
        "maxaveragebitrate=20000;useinbandfec=1",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-15",
        "a=rtpmap:110 telephone-event/48000",
        "a=fmtp:110 0-15",
        "a=ptime:20",
        "a=maxptime:60",
        "a=rtcp-xr:rcvr-rtt=all voip-metrics",
        "a=sendrecv",
    ]


def test_what_has_a_number_in_the_session_keeps_it() -> None:
    """RFC 3264 §8.3.2. Our usual numbers give way to what is taken."""
    first = describe(
        "m=audio 2000 RTP/AVP 96 111",
        "a=rtpmap:96 opus/48000/2",
        "a=rtpmap:111 telephone-event/48000",
    )
    answer, _ = answer_offer(first, OURS)

    again = make_offer(OURS, after=answer)

    numbers = {
        line.split(" ")[1]: line.split(" ")[0].removeprefix("a=rtpmap:")
        for line in audio_of(again)
        if line.startswith("a=rtpmap:")
    }
    assert numbers["opus/48000/2"] == "96"
    assert numbers["telephone-event/48000"] == "111"
    assert len(set(numbers.values())) == len(numbers)


@pytest.mark.parametrize(
    ("answer", "sent", "received", "clock_rate"),
    [
        (["m=audio 9 RTP/AVP 0 96", "a=rtpmap:96 telephone-event/8000"], 96, 101, 8000),
        (["m=audio 9 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000"], 101, 101, 8000),
        (
            [
                "m=audio 9 RTP/AVP 111 97",
                "a=rtpmap:111 opus/48000/2",
                "a=rtpmap:97 telephone-event/48000",
            ],
            97, 110, 48000,
        ),
        (
            [
                "m=audio 9 RTP/AVP 111 97",
                "a=rtpmap:111 opus/48000/2",
                "a=rtpmap:97 telephone-event/8000",
            ],
            97, 101, 8000,
        ),
        (["m=audio 9 RTP/AVP 0"], None, None, 8000),
        (["m=audio 9 RTP/AVP 0 97", "a=rtpmap:97 telephone-event/48000"], None, None, 8000),
    ],
)  # fmt: skip
def test_each_side_sends_events_by_the_number_of_the_others_description(
    answer: list[str], sent: int | None, received: int | None, clock_rate: int
) -> None:
    """RFC 3264 §6.1: an answer may number them anew."""
    agreement = read_answer(make_offer(OURS), describe(*answer))

    assert agreement.dtmf_payload_type == sent
    assert agreement.dtmf_received_as == received
    assert agreement.dtmf_clock_rate == clock_rate


def test_no_events_where_we_offered_none() -> None:
    offer = make_offer(replace(OURS, telephone_event=False))

    agreement = read_answer(
        offer, describe("m=audio 9 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000")
    )

    assert (agreement.dtmf_payload_type, agreement.dtmf_received_as) == (None, None)


@pytest.mark.parametrize(
    ("lines", "ptime", "sent"),
    [
        ([], None, 20),
        (["a=ptime:10"], 10, 10),
        (["a=ptime:30"], 30, 30),
        (["a=ptime:60"], 60, 60),
        (["a=ptime:120"], 120, 60),
        (["a=ptime:5"], 5, 10),
        (["a=ptime:0"], None, 20),
        (["a=ptime:40", "a=maxptime:30"], 30, 30),
        (["a=maxptime:10"], 10, 10),
        (["a=maxptime:200"], None, 20),
        (["a=ptime:30", "a=maxptime:x"], 30, 30),
    ],
)
def test_packets_are_as_long_as_they_ask_within_what_they_can_take(
    lines: list[str], ptime: int | None, sent: int
) -> None:
    answer, agreement = answer_offer(describe("m=audio 9 RTP/AVP 0", *lines), OURS)

    assert (agreement.ptime, agreement.ptime_ms) == (ptime, sent)
    assert audio_of(answer)[-3:-1] == ["a=ptime:20", "a=maxptime:60"]


@pytest.mark.parametrize(
    ("formats", "wanted", "agreed"),
    [
        ("0 13", True, True),
        ("9 13", True, True),
        ("0 13", False, False),
        ("0", True, False),
        ("0 97\r\na=rtpmap:97 CN/8000", True, False),  # 13 or nothing
        ("111 13\r\na=rtpmap:111 opus/48000/2", True, False),  # of another clock
    ],
)
def test_comfort_noise_is_agreed_on_where_both_name_it(
    formats: str, *, wanted: bool, agreed: bool
) -> None:
    local = replace(OURS, comfort_noise=wanted)

    answer, agreement = answer_offer(describe(f"m=audio 9 RTP/AVP {formats}"), local)
    other = read_answer(make_offer(local), describe(f"m=audio 9 RTP/AVP {formats}"))

    assert agreement.comfort_noise is agreed
    assert other.comfort_noise is agreed
    assert ("a=rtpmap:13 CN/8000" in audio_of(answer)) is agreed


@given(descriptions)
def test_an_answer_names_one_codec_of_the_offers_stream_by_the_offers_number(offer: Sdp) -> None:
    try:
        answer, agreement = answer_offer(offer, replace(OURS, comfort_noise=True))
    except NoCommonCodec:
        return

    (ours,) = [media for media in answer.media if not media.rejected]
    theirs = offer.media[answer.media.index(ours)]
    assert ours.formats[0] == str(agreement.payload_type)
    assert set(ours.formats) <= set(theirs.formats)
    assert 10 <= agreement.ptime_ms <= 60
    assert Sdp.parse(bytes(answer)) == answer


codecs = st.permutations(["PCMU", "PCMA", "G722", "OPUS"])


@given(codecs, st.integers(1, 4), codecs, st.integers(1, 4), st.integers(0, 4), st.booleans())
def test_two_of_us_always_agree_on_the_same_and_number_it_alike(
    ours: list[str], many: int, theirs: list[str], first: int, second: int, noise: bool
) -> None:
    offerer = replace(OURS, codecs=tuple(ours[:many]), fallback=(), comfort_noise=noise)
    answerer = LocalMedia(
        "192.0.2.1", 30000, 2, codecs=tuple(theirs[:first]),
        fallback=tuple(theirs[first : first + second]), comfort_noise=True,
    )  # fmt: skip
    offer = Sdp.parse(bytes(make_offer(offerer)))
    try:
        answer, at_theirs = answer_offer(offer, answerer)
    except NoCommonCodec:
        assert not set(ours[:many]) & {*answerer.codecs, *answerer.fallback}
        return

    at_ours = read_answer(offer, Sdp.parse(bytes(answer)))

    assert (at_ours.codec, at_ours.payload_type) == (at_theirs.codec, at_theirs.payload_type)
    assert at_ours.dtmf_payload_type == at_theirs.dtmf_received_as
    assert at_ours.dtmf_received_as == at_theirs.dtmf_payload_type
    assert at_ours.dtmf_payload_type is not None
    assert at_ours.dtmf_clock_rate == at_theirs.dtmf_clock_rate
    assert at_ours.comfort_noise == at_theirs.comfort_noise
    preferred = [name for name in ours[:many] if name in answerer.codecs]
    if preferred:
        assert at_theirs.codec == preferred[0]
