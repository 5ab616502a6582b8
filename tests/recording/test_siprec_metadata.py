"""What another PBX tells of its call, in the forms of RFC 7865 and of the PBXs in the field."""

from datetime import UTC, datetime

import pytest

from recording.errors import MetadataRefused
from recording.siprec_document import LARGEST, MOST, read
from recording.siprec_metadata import KEPT, Membership, Metadata, Participant, Session, Stream

NAMESPACE = "urn:ietf:params:xml:ns:recording:1"
SESSION = "hVpd7YQgRW2nD22h7q60JQ=="
BOB, PAUL = "srfBElmCRp2QB23b7Mpk0w==", "zSfPoSvdSDCmU3A3TRDxAw=="
OF_BOB, OF_PAUL = "UAAMm5GRQKSCMVvLyl4rFw==", "i1Pz3to5hGk8fuXl+PbwCw=="
BEGAN = datetime(2010, 12, 16, 23, 41, 7, tzinfo=UTC)


def document(*elements: str, mode: str | None = "complete") -> bytes:
    said = "" if mode is None else f"<datamode>{mode}</datamode>"
    body = "".join(elements)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><recording xmlns="{NAMESPACE}">'
        f"{said}{body}</recording>"
    ).encode()


def participant(one: str, aor: str, name: str) -> str:
    return (
        f'<participant participant_id="{one}"><nameID aor="{aor}">'
        f'<name xml:lang="it">{name}</name></nameID></participant>'
    )


def stream(one: str, label: str) -> str:
    return f'<stream stream_id="{one}" session_id="{SESSION}"><label>{label}</label></stream>'


def member(one: str, *times: str) -> str:
    return (
        f'<participantsessionassoc participant_id="{one}" session_id="{SESSION}">'
        f"{''.join(times)}</participantsessionassoc>"
    )


def voice(one: str, *inside: str) -> str:
    return (
        f'<participantstreamassoc participant_id="{one}">{"".join(inside)}</participantstreamassoc>'
    )


LATER = "2010-12-16T23:45:00Z"
SINCE = "<associate-time>2010-12-16T23:41:07Z</associate-time>"
WHOLE = document(
    '<group group_id="7+OTCyoxTmqmqyA/1weDAg==">' + SINCE + "</group>",
    f'<session session_id="{SESSION}">'
    "<sipSessionID>ab30317f1a784dc48ff824d0d3715d86;remote=47755a9de7794ba387653f2099600ef2"
    "</sipSessionID><group-ref>7+OTCyoxTmqmqyA/1weDAg==</group-ref></session>",
    participant(BOB, "sip:bob@biloxi.com", "Bob"),
    participant(PAUL, "sip:Paul@biloxi.com", "Paul"),
    stream(OF_BOB, "96"),
    stream(OF_PAUL, "97"),
    f'<sessionrecordingassoc session_id="{SESSION}">{SINCE}</sessionrecordingassoc>',
    member(BOB, SINCE),
    member(PAUL, SINCE),
    voice(BOB, f"<send>{OF_BOB}</send><recv>{OF_PAUL}</recv>", SINCE),
    voice(PAUL, f"<send>{OF_PAUL}</send><recv>{OF_BOB}</recv>", SINCE),
)


def known(*documents: bytes) -> Metadata:
    metadata = Metadata()
    for one in documents:
        metadata = metadata.after(read(one))
    return metadata


def test_a_call_between_two() -> None:
    metadata = known(WHOLE)

    assert metadata.sessions == {
        SESSION: Session(
            SESSION,
            ("ab30317f1a784dc48ff824d0d3715d86;remote=47755a9de7794ba387653f2099600ef2",),
            group="7+OTCyoxTmqmqyA/1weDAg==",
        )
    }
    assert metadata.present(SESSION) == [
        Participant(BOB, "sip:bob@biloxi.com", "Bob"),
        Participant(PAUL, "sip:Paul@biloxi.com", "Paul"),
    ]
    assert metadata.streams[OF_PAUL] == Stream(OF_PAUL, SESSION, "97")
    assert metadata.members[BOB, SESSION] == Membership(SESSION, BOB, since=BEGAN)
    assert metadata.recorded[SESSION] == Membership(SESSION, since=BEGAN)


def test_a_stream_is_found_by_its_label() -> None:
    metadata = known(WHOLE)

    speakers = [next(iter(metadata.speakers(label)), None) for label in ("96", "97", "98")]
    assert [one.name if one else None for one in speakers] == ["Bob", "Paul", None]
    assert metadata.session_of("97") == metadata.sessions[SESSION]
    assert metadata.session_of("98") is None


def test_what_has_changed_is_added_to_what_was_known() -> None:
    """An attended transfer: Paul leaves, Carol speaks in his stream's place."""
    metadata = known(
        WHOLE,
        document(
            participant("carol", "sip:carol@biloxi.com", "Carol"),
            member(PAUL, "<disassociate-time>2010-12-16T23:45:00Z</disassociate-time>"),
            member("carol", "<associate-time>2010-12-16T23:45:00Z</associate-time>"),
            voice(PAUL, "<disassociate-time>2010-12-16T23:45:00Z</disassociate-time>"),
            voice("carol", f"<send>{OF_PAUL}</send><recv>{OF_BOB}</recv>"),
            mode="partial",
        ),
    )

    later = datetime(2010, 12, 16, 23, 45, tzinfo=UTC)
    assert [one.name for one in metadata.present(SESSION)] == ["Bob", "Carol"]
    assert metadata.members[PAUL, SESSION] == Membership(SESSION, PAUL, BEGAN, later)
    [speaker] = metadata.speakers("97")
    assert speaker is not None
    assert speaker.name == "Carol"
    assert len(metadata.sessions[SESSION].sip_session_ids) == 1


def test_what_is_whole_takes_the_place_of_all_before() -> None:
    metadata = known(WHOLE, document('<session session_id="another"/>'))

    assert metadata == Metadata(sessions={"another": Session("another")})


def test_a_name_that_is_not_said_again_stays() -> None:
    again = document(f'<participant participant_id="{BOB}"/>', mode="partial")

    assert known(WHOLE, again).participants[BOB].name == "Bob"


def test_what_is_not_said_to_be_partial_is_whole() -> None:
    assert read(document(mode=None)).complete
    assert not read(document(mode="Partial")).complete


def test_what_is_unknown_is_passed_over() -> None:
    """Vendors put elements of their own in, in namespaces of their own or in none."""
    more = document('<x:extra xmlns:x="urn:example">1</x:extra><extension-data/>', mode="partial")

    assert known(WHOLE, more) == known(WHOLE)


def test_no_more_is_kept_than_a_call_can_need() -> None:
    def people(turn: int) -> bytes:
        told = (f'<participant participant_id="{turn}.{n}"/>' for n in range(MOST))
        return document(*told, mode="partial")

    metadata = known(*map(people, range(KEPT // MOST)))

    assert len(metadata.participants) == KEPT
    with pytest.raises(MetadataRefused, match="more than 256 participants"):
        metadata.after(read(people(KEPT)))


def test_one_call_after_the_other_may_be_told_of_all_day() -> None:
    """A session that a PBX never ends: whose call is over makes room."""
    metadata = Metadata()
    for n in range(KEPT + 44):
        metadata = metadata.after(
            read(
                document(
                    f'<session session_id="s{n}"/>',
                    f'<session session_id="s{n - 1}"><stop-time>{LATER}</stop-time></session>'
                    if n
                    else "",
                    participant(f"p{n}", f"sip:{n}@pbx.example", "A"),
                    participant("agent", "sip:1001@pbx.example", "B"),
                    f'<stream stream_id="st{n}" session_id="s{n}"><label>1</label></stream>',
                    *(
                        f'<participantsessionassoc participant_id="{who}" session_id="s{n}"/>'
                        for who in (f"p{n}", "agent")
                    ),
                    voice(f"p{n}", f"<send>st{n}</send>"),
                    voice("agent", f"<recv>st{n}</recv>"),
                    mode="partial",
                )
            )
        )

    last = f"s{KEPT + 43}"
    assert metadata.largest <= KEPT
    assert [one.number for one in metadata.present(last)] == [str(KEPT + 43), "1001"]
    assert [one.number for one in metadata.speakers("1")] == [str(KEPT + 43)]
    assert metadata.session_of("1") == Session(last)


def test_streams_of_one_may_be_told_one_by_one() -> None:
    """A third stream with both voices in it, beside the two."""
    metadata = known(
        document(
            f'<session session_id="{SESSION}"/>',
            participant("a", "sip:1001@pbx.example", "Alice"),
            stream("of-a", "1"),
            stream("mixed", "3"),
            voice("a", "<send>of-a</send>"),
            voice("a", "<send>mixed</send>"),
        )
    )

    assert metadata.voices["a"].sends == ("of-a", "mixed")


def test_a_zone_without_a_colon() -> None:
    """So does OpenSIPS write it."""
    times = "<associate-time>2025-10-22T12:16:48+0300</associate-time>"
    metadata = known(WHOLE, document(member(BOB, times), mode="partial"))

    assert metadata.members[BOB, SESSION].since == datetime(2025, 10, 22, 9, 16, 48, tzinfo=UTC)


@pytest.mark.parametrize(
    ("aor", "number"),
    [
        ("sip:+8613800138000@192.0.2.1;transport=udp;user=phone", "+8613800138000"),
        ("tel:+8675595588;phone-context=example.com", "+8675595588"),
        ("1001", "1001"),
        ("", ""),
    ],
)
def test_the_number_of_an_address(aor: str, number: str) -> None:
    assert Participant("a", aor).number == number


BOMB = (
    b'<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'
    b'<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>&c;</datamode></recording>'
)
FROM_OUTSIDE = (
    b'<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    b'<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>&f;</datamode></recording>'
)


@pytest.mark.parametrize(
    ("data", "element"),
    [
        (b"", "recording"),
        (b"<recording", "recording"),
        (b"\xff\xfe\x00", "recording"),
        (b'<?xml version="1.0" encoding="no-such"?><recording/>', "recording"),
        (b"<recording/>", "recording"),
        (BOMB, "recording"),
        (FROM_OUTSIDE, "recording"),
        (document("<session/>" * (LARGEST // 10)), "recording"),
        (document(mode="some"), "datamode"),
        (document("<session/>"), "session"),
        (document('<session session_id="1"/>' * (MOST + 1)), "session"),
        (document(f'<session session_id="{"1" * 300}"/>'), "session_id"),
        (document("<participant/>"), "participant"),
        (document('<participant participant_id="&#9;"/>'), "participant_id"),
        (document('<stream stream_id="1" session_id="1"/>'), "label"),
        (document('<stream stream_id="1" session_id="1"><label>1</label></stream>'), "stream"),
        (document(member("nobody")), "participantsessionassoc"),
        (document(voice("nobody")), "participantstreamassoc"),
        (
            document(participant("a", "sip:a@b", "A"), voice("a", "<send>none</send>")),
            "participantstreamassoc",
        ),
        (document('<sessionrecordingassoc session_id="1"/>'), "sessionrecordingassoc"),
        (
            document('<session session_id="1"><start-time>now</start-time></session>'),
            "start-time",
        ),
        (
            document(
                '<session session_id="1"><stop-time>2010-12-16T23:41:07</stop-time></session>'
            ),
            "stop-time",
        ),
    ],
)
def test_nonsense_is_refused_by_its_element(data: bytes, element: str) -> None:
    with pytest.raises(MetadataRefused) as refused:
        known(data)

    assert refused.value.element == element


@pytest.mark.parametrize(
    ("aor", "number"),
    [
        ("sip:+8613800138000@pbx.example", "+8613800138000"),
        ("sip:%2B8613800138000@pbx.example", "+8613800138000"),
        ("sips:+8613800138000:secret@pbx.example;user=phone", "+8613800138000"),
        ("tel:+86-138-0013-8000", "+8613800138000"),
        ("tel:+86-138(0013).8000;phone-context=example", "+8613800138000"),
        ("sip:+86-138-0013-8000@pbx.example", "+8613800138000"),
        ("1001@pbx.example", "1001"),
        ("1001", "1001"),
        ("sip:li-na@pbx.example", "li-na"),
        ("", ""),
    ],
)
def test_a_number_is_one_however_it_is_written(aor: str, number: str) -> None:
    """Who is never recorded, and who is forgotten, is known by it."""
    assert Participant("p", aor).number == number


@pytest.mark.parametrize(
    ("written", "kept"),
    [("张\u3000三", "张 三"), (" Li\n Na\u200b ", "Li Na"), ("x" * 300, "x" * 256)],
)
def test_a_name_that_people_write_loses_no_call(written: str, kept: str) -> None:
    told = read(document(participant(BOB, "sip:bob@biloxi.com", written))).told

    assert told.participants[BOB].name == kept
