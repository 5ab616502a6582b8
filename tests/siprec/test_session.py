"""A recording session without a network: what is answered, and which recordings come of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from msgspec.structs import replace

from config.recording import RecordingSettings
from config.siprec import RecordingClientSettings, SiprecSettings
from cti_server.calls.exchange import Exchange
from cti_server.media.errors import MediaUnavailable
from cti_server.sip.recording_call import DEAF_RECORDER, RecordingCall, RecordingOffer
from cti_server.sip.sdp import Sdp
from cti_server.sip.session import Ended
from cti_server.siprec.session import RecordingSession
from cti_server.siprec.sessions import RecordingSessions
from cti_server.siprec.stream import RecordedStream
from cti_server.wire.events import Event, RecordingFailed, RecordingStarted
from recording.budget import Room
from recording.capture import CaptureInfo
from recording.foreign_call import ForeignCall
from tests.fakes.loop_clock import LoopClock
from tests.fakes.media import FakeMedia

NAMESPACE = "urn:ietf:params:xml:ns:recording:1"
PEOPLE = {"1": ("c", "+8613800138000"), "2": ("a", "1001")}
SWAPPED = {"1": ("a", "1001"), "2": ("c", "+8613800138000")}
CLIENT = RecordingClientSettings(name="branch", addresses=("192.0.2.1",), agents=("10",))


def offer(*streams: str) -> Sdp:
    """Each a label and a direction, "1 sendonly"; with "-" in the label's place, none any more."""
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"]
    for at, stream in enumerate(streams):
        label, _, direction = stream.partition(" ")
        port = 0 if label == "-" else 4000 + 2 * at
        lines += [f"m=audio {port} RTP/AVP 8", f"a=label:{label}", f"a={direction or 'sendonly'}"]
    return Sdp.parse("\r\n".join(lines).encode())


def metadata(speakers: Mapping[str, tuple[str, str]], mode: str = "complete") -> bytes:
    """By label: the id and the number of who speaks."""
    parts = ['<session session_id="s"/>']
    for label, (one, number) in speakers.items():
        parts += [
            f'<participant participant_id="{one}"><nameID aor="sip:{number}@pbx"/></participant>',
            f'<stream stream_id="st{label}" session_id="s"><label>{label}</label></stream>',
            f'<participantstreamassoc participant_id="{one}"><send>st{label}</send>'
            "</participantstreamassoc>",
        ]
    inside = f"<datamode>{mode}</datamode>{''.join(parts)}"
    return f'<recording xmlns="{NAMESPACE}">{inside}</recording>'.encode()


BOTH = metadata(PEOPLE)
MOVED = metadata({"2": ("b", "1002")}, "partial").replace(
    b"<participantstreamassoc",
    b'<participantstreamassoc participant_id="a"><disassociate-time>'
    b"2026-01-01T00:00:00Z</disassociate-time></participantstreamassoc><participantstreamassoc",
    1,
)
"""Somebody else speaks in the agent's stream."""


class Plane:
    """Media and captures with a memory."""

    def __init__(self, legs: int = 2) -> None:
        self.media: list[FakeMedia] = []
        self.heard_by: list[RecordedStream] = []
        self.captured: dict[str, tuple[object, object]] = {}
        self.order: list[str] = []
        self.up_to_date = asyncio.Event()
        self.up_to_date.set()
        self._left = legs

    async def open_leg(
        self, leg_id: str, listener: RecordedStream, *, beside: object = None
    ) -> FakeMedia:
        if len(self.media) == self._left:
            raise MediaUnavailable("no port")
        media = FakeMedia()
        media.port = 20000 + 2 * len(self.media)
        self.media.append(media)
        self.heard_by.append(listener)
        return media

    def start_capture(
        self,
        recording_id: str,
        folder: Path,
        caller: object,
        agent: object,
        hear: object,
        *,
        told: bool,
    ) -> None:
        assert not told
        self.captured[recording_id] = (caller, agent)
        self.order.append(f"begin {recording_id}")

    async def stop_capture(self, recording_id: str) -> None:
        self.order.append(f"stop {recording_id}")

    async def caught_up(self, leg: FakeMedia) -> None:
        await self.up_to_date.wait()


@dataclass
class Call:
    """The dialog, as far as the session speaks to it."""

    recording_offer: RecordingOffer
    said: list[object] = field(default_factory=list)
    identity: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(name="branch"))
    sip_call_id: str = "theirs"

    def answer(self, answer: Sdp) -> None:
        self.said.append(answer)

    def refuse(self, status: int, reason: str | None = None, headers: object = ()) -> None:
        self.said.append(status)

    def hang_up(self, reason: str | None = None) -> None:
        self.said.append(reason)


class Scene:
    def __init__(
        self,
        spool: Path,
        *,
        legs: int = 2,
        never: tuple[str, ...] = (),
        silence_limit: float | None = 60.0,
    ) -> None:
        self.spool = spool
        self.log: list[Event] = []
        self.archived: list[CaptureInfo] = []
        self.plane = Plane(legs)
        ids = iter(range(1, 100))
        self.exchange = cast(
            Exchange,
            SimpleNamespace(
                append=self.log.append,
                archiver=SimpleNamespace(submit=self._submit),
                clock=LoopClock(),
                new_id=lambda: f"id{next(ids)}",
                plane=self.plane,
                recording=RecordingSettings(never=never),
                region="CN",
                room=lambda: Room.ALL,
                silence_limit=silence_limit,
                spool=spool,
            ),
        )

    def _submit(self, folder: Path, quality: object) -> None:
        self.archived.append(CaptureInfo.load(folder))

    @property
    def started(self) -> list[str]:
        return [event.recording_id for event in self.log if isinstance(event, RecordingStarted)]

    @asynccontextmanager
    async def session(
        self, described: Sdp | None = None, told: bytes = BOTH
    ) -> AsyncIterator[tuple[RecordingSession, Call]]:
        call = Call(RecordingOffer(described or offer("1", "2"), told))
        session = RecordingSession(self.exchange, cast(RecordingCall, call), CLIENT, 7)
        running = asyncio.create_task(session.run())
        await until(lambda: bool(call.said))
        yield session, call
        session.ended(Ended("bye"))
        await running


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - it is asked of what has no event
            await asyncio.sleep(0.001)


def directions(answer: object) -> list[tuple[int, str | None]]:
    assert isinstance(answer, Sdp)
    return [(media.port, media.direction) for media in answer.media]


async def test_a_call_is_recorded_from_the_answer_to_the_end(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    async with scene.session() as (session, call):
        assert directions(call.said[0]) == [(20000, "recvonly"), (20002, "recvonly")]
        assert list(scene.plane.captured.values()) == [tuple(scene.plane.media)]
        assert scene.archived == []

    (info,) = scene.archived
    assert (info.kind, info.sides, info.contact_id) == ("siprec", "both", session.id)
    assert (info.caller_number, info.dialled_number) == ("+8613800138000", "1001")
    assert (info.agent_id, info.queue, info.interaction_id) == ("", "", "")
    assert [media.closed for media in scene.plane.media] == [1, 1]
    assert call.said[1:] == [None]  # a hang-up that does nothing: it is over


async def test_nothing_is_answered_before_the_worker_captures(tmp_path: Path) -> None:
    """What they send from the answer on is recorded."""
    scene = Scene(tmp_path)
    scene.plane.up_to_date.clear()
    call = Call(RecordingOffer(offer("1", "2"), BOTH))
    session = RecordingSession(scene.exchange, cast(RecordingCall, call), CLIENT, 7)
    running = asyncio.create_task(session.run())
    await until(lambda: bool(scene.plane.captured))
    await asyncio.sleep(0.01)
    assert call.said == []

    scene.plane.up_to_date.set()
    await until(lambda: bool(call.said))
    session.ended(Ended("bye"))
    await running
    assert isinstance(call.said[0], Sdp)


async def test_it_is_known_by_what_the_pbx_calls_it_from_the_beginning_and_as_it_was_told_last(
    tmp_path: Path,
) -> None:
    scene = Scene(tmp_path)
    async with scene.session() as (session, _):
        later = b'<session session_id="s"><sipSessionID>theirs@pbx</sipSessionID></session>'
        inside = b"<datamode>partial</datamode>" + later
        head = f'<recording xmlns="{NAMESPACE}">'.encode()
        assert session.told(head + inside + b"</recording>") is None
        await asyncio.sleep(0)  # the request is dealt with

    (begun,) = [event for event in scene.log if isinstance(event, RecordingStarted)]
    assert (begun.caller_number, begun.dialled_number) == ("+8613800138000", "1001")
    known = ForeignCall(client="branch", session_id="s", agent_aor="sip:1001@pbx")
    assert begun.foreign == known
    assert [info.foreign for info in scene.archived] == [replace(known, calls=("theirs@pbx",))]


async def test_the_pbxs_own_people_are_on_the_right(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    async with scene.session(told=metadata(SWAPPED)):
        first, second = scene.plane.media
        assert list(scene.plane.captured.values()) == [(second, first)]

    assert scene.archived[0].caller_number == "+8613800138000"


async def test_a_number_that_is_not_the_pbxs_own_is_kept_on_the_customers_side_alone(
    tmp_path: Path,
) -> None:
    """It may be a customer's: what is kept of customers is found, and erased, by that side."""
    scene = Scene(tmp_path)
    told = metadata({"1": ("c", "+8613800138000"), "2": ("d", "+8613900139000")})
    async with scene.session(told=told):
        pass

    (info,) = scene.archived
    assert (info.caller_number, info.dialled_number) == ("+8613800138000", "")


async def test_what_is_muted_is_silent_and_the_recording_goes_on(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    async with scene.session() as (session, _):
        customer, agent = scene.plane.media
        answer = session.offered(offer("1 inactive", "2"))
        assert directions(answer) == [(20000, "inactive"), (20002, "recvonly")]
        assert (customer.masked, agent.masked) == (True, False)

        session.offered(offer("1", "2"))
        assert (customer.masked, agent.masked) == (False, False)

    assert len(scene.archived) == 1


async def test_who_takes_the_call_over_has_a_recording_of_their_own(tmp_path: Path) -> None:
    """An attended transfer of the other PBX: the agent's stream goes, another one comes."""
    scene = Scene(tmp_path)
    async with scene.session() as (session, _):
        assert session.told(metadata({"3": ("b", "1002")}, "partial")) is None
        answer = session.offered(offer("1", "-", "3"))

        assert directions(answer) == [(20000, "recvonly"), (0, None), (20002, "recvonly")]
        await until(lambda: len(scene.plane.captured) == 2)
        await until(lambda: len(scene.archived) == 1)

    assert [info.dialled_number for info in scene.archived] == ["1001", "1002"]
    assert len({info.contact_id for info in scene.archived}) == 1


async def test_one_recording_goes_on_until_the_next_has_begun(tmp_path: Path) -> None:
    """What is said while the media worker opens it is in the one before."""
    scene = Scene(tmp_path)
    async with scene.session() as (session, _):
        assert session.told(MOVED) is None
        await until(lambda: len(scene.archived) == 1)

    assert scene.plane.order == ["begin id4", "begin id5", "stop id4", "stop id5"]

    assert [info.dialled_number for info in scene.archived] == ["1001", "1002"]


async def test_who_may_not_be_recorded_ends_the_one_before_at_once(tmp_path: Path) -> None:
    scene = Scene(tmp_path, never=("+86139",))
    async with scene.session() as (session, _):
        assert session.told(metadata({"1": ("d", "+8613900139000")}, "partial")) is None
        await until(lambda: len(scene.archived) == 1)
        assert len(scene.plane.captured) == 1


async def test_an_answer_to_our_offer_says_what_is_heard_from_now_on(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    async with scene.session() as (session, call):
        customer, agent = scene.plane.media
        muted = session.offered(offer("1", "2 inactive"))
        assert isinstance(muted, Sdp)
        assert directions(session.offer_anew(muted)) == [(20000, "recvonly"), (20002, "recvonly")]
        first = call.said[0]
        assert isinstance(first, Sdp)
        assert int(session.offer_anew(muted).origin.version) > int(first.origin.version)

        unlabelled = bytes(offer("1 inactive", "2")).replace(b"a=label:1\r\n", b"")
        session.answered(Sdp.parse(unlabelled))
        assert (customer.masked, agent.masked) == (True, False)
        session.answered(Sdp.parse(b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"))
        assert (customer.masked, agent.masked) == (True, False)

    assert len(scene.archived) == 1


async def test_each_call_in_a_session_has_a_contact_of_its_own(tmp_path: Path) -> None:
    """A customer who is forgotten takes no other customer's call with them."""
    scene = Scene(tmp_path)
    async with scene.session(told=b"") as (session, _):
        assert session.told(BOTH) is None
        await until(lambda: len(scene.plane.captured) == 2)
        other = metadata({"1": ("d", "+8613900139000"), "2": ("a", "1001")})
        assert session.told(other.replace(b'session_id="s"', b'session_id="t"')) is None
        await until(lambda: len(scene.plane.captured) == 3)

    assert len(scene.archived) == 3
    unknown, first, second = (info.contact_id for info in scene.archived)
    assert unknown == first == session.id
    assert second not in {"", first}


async def test_another_speaker_in_the_same_stream_has_one_too(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    async with scene.session() as (session, _):
        assert session.told(MOVED) is None
        await until(lambda: len(scene.plane.captured) == 2)

    assert [info.dialled_number for info in scene.archived] == ["1001", "1002"]


async def test_metadata_that_changes_no_speaker_changes_nothing(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    async with scene.session() as (session, _):
        assert session.told(BOTH) is None
        await asyncio.sleep(0.01)

    assert len(scene.archived) == 1


async def test_a_third_stream_is_refused_in_its_place(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    async with scene.session(offer("1", "2", "3")) as (_, call):
        assert [port for port, _ in directions(call.said[0])] == [20000, 20002, 0]


async def test_one_stream_alone_is_one_side(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    async with scene.session(offer("1")):
        assert list(scene.plane.captured.values()) == [(scene.plane.media[0], None)]

    assert (scene.archived[0].sides, scene.archived[0].layout) == ("customer", "mono")


async def test_nonsense_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    async with scene.session(told=b"<!DOCTYPE x []><recording/>") as (_, call):
        assert call.said[0] == 400
    async with scene.session() as (session, _):
        assert session.told(b"<recording/>") == "recording"
        assert session.told(metadata({}, "some")) == "datamode"
        assert session.offered(offer("-", "-")) is None
        assert session.offered(offer("1", "1")) is None

    assert len(scene.archived) == 1


async def test_who_is_never_recorded_is_not(tmp_path: Path) -> None:
    scene = Scene(tmp_path, never=("+86138",))
    async with scene.session() as (_, call):
        assert directions(call.said[0])

    assert (scene.archived, scene.log, scene.plane.captured) == ([], [], {})


async def test_nobody_is_recorded_before_it_is_known_that_they_may_be(tmp_path: Path) -> None:
    scene = Scene(tmp_path, never=("+86139",))
    async with scene.session(told=b"") as (session, _):
        assert scene.plane.captured == {}
        assert session.told(BOTH) is None
        await until(lambda: len(scene.plane.captured) == 1)

    assert [info.caller_number for info in scene.archived] == ["+8613800138000"]


async def test_where_everybody_may_be_recorded_it_begins_before_anything_is_told(
    tmp_path: Path,
) -> None:
    scene = Scene(tmp_path)
    async with scene.session(told=b"") as (session, _):
        assert len(scene.plane.captured) == 1
        assert session.told(BOTH) is None
        await until(lambda: len(scene.plane.captured) == 2)

    assert [info.caller_number for info in scene.archived] == ["", "+8613800138000"]


async def test_who_sends_nothing_on_any_stream_is_gone(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    async with scene.session() as (_, call):
        customer, agent = scene.plane.heard_by
        customer.rtp_silent(60.0)
        await asyncio.sleep(0.01)
        assert call.said[1:] == []

        agent.rtp_silent(60.0)
        await until(lambda: call.said[1:2] == ['SIP;text="rtp-timeout"'])

    assert len(scene.archived) == 1


async def test_who_is_heard_again_in_time_or_muted_is_not_gone(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    async with scene.session() as (session, call):
        customer, agent = scene.plane.heard_by
        customer.rtp_silent(59.95)
        agent.rtp_silent(59.95)
        agent.rtp_resumed()
        await asyncio.sleep(0.1)
        session.offered(offer("1 inactive", "2 inactive"))
        customer.rtp_silent(600.0)
        agent.rtp_silent(600.0)
        await asyncio.sleep(0.01)
        assert call.said[1:] == []


async def test_a_worker_that_dies_ends_the_session(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    async with scene.session() as (_, call):
        for stream in scene.plane.heard_by:
            stream.media_lost()
        assert call.said[1:] == ['SIP;text="media-lost"']

    assert len(scene.archived) == 1


async def test_without_a_port_there_is_no_session(tmp_path: Path) -> None:
    scene = Scene(tmp_path, legs=1)
    async with scene.session() as (_, call):
        assert call.said[0] == 503

    assert scene.plane.media[0].closed == 1


async def test_a_client_that_gives_up_meanwhile_leaves_nothing(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    call = Call(RecordingOffer(offer("1", "2"), BOTH))
    session = RecordingSession(scene.exchange, cast(RecordingCall, call), CLIENT, 7)
    running = asyncio.create_task(session.run())
    await until(lambda: len(scene.plane.media) == 2)
    session.cancelled()
    await running

    assert [media.closed for media in scene.plane.media] == [1, 1]
    assert all(isinstance(event, RecordingStarted | RecordingFailed) for event in scene.log)


async def test_no_more_sessions_than_are_allowed(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    sessions = RecordingSessions(scene.exchange, SiprecSettings(clients=(CLIENT,), sessions=1))
    first, second = (Call(RecordingOffer(offer("1", "2"), BOTH)) for _ in range(2))

    sessions.arrived(cast(RecordingCall, first))
    await until(lambda: bool(first.said))
    assert sessions.arrived(cast(RecordingCall, second)) is DEAF_RECORDER
    assert second.said == [503]
    assert (sessions.running, sessions.refused) == (1, 1)

    assert not await sessions.drain(0.01)  # it goes on, and is cut only when time is over
    assert len(first.said) == 1
    await sessions.close()
    assert await sessions.drain(0)
    assert first.said[1] == 'SIP;text="server-stopped"'
    assert (sessions.running, len(scene.archived)) == (0, 1)
