import asyncio
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import ClassVar

import pytest
import pytest_asyncio

from cti_server.media.errors import NoSuchWorker, WorkerDraining
from cti_server.media.packets import COMPILED
from cti_server.media.plane import MediaLeg, MediaPlane, MediaUnavailable, WorkerAtWork
from cti_server.media.protocol import StartCapture
from cti_server.media.worker_link import WorkerLink
from cti_server.media.worker_reports import CaptureFailed, LegQuality, LevelsHeard
from recording.capture import AGENT, CALLER, HEADER_SIZE, read
from tests.e2e.possessions import workers
from tests.ports import port_range

from .conftest import Ears, Studio, prompt
from .phone import HOST, Phone

PORTS = port_range(100)


class Town:
    """A media plane of this test's own."""

    built: ClassVar[list["Town"]] = []

    def __init__(
        self,
        folder: Path,
        *,
        workers: int = 1,
        ports: tuple[int, int] = PORTS,
        public_host: str | None = None,
    ) -> None:
        self.deaths: list[tuple[int, list[str]]] = []
        self.plane = MediaPlane(
            workers=workers,
            host=HOST,
            ports=ports,
            public_host=public_host,
            run_folder=folder,
            on_worker_died=lambda number, legs: self.deaths.append((number, legs)),
        )
        Town.built.append(self)

    async def reopened(self) -> tuple[MediaLeg, Ears]:
        """A leg, as soon as there is a worker for it."""
        ears = Ears()
        async with asyncio.timeout(30):
            while True:
                try:
                    return await self.plane.open_leg("again", ears), ears
                except MediaUnavailable:
                    await asyncio.sleep(0.05)


@pytest_asyncio.fixture(autouse=True)
async def no_worker_outlives_its_test() -> AsyncIterator[None]:
    """Those of a test that fails half-way would be found by whatever test runs next."""
    yield
    while Town.built:
        await Town.built.pop().plane.close()


@pytest_asyncio.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    town = Town(tmp_path / "run")
    await town.plane.start()
    yield town
    await town.plane.close()


async def test_parties_are_told_the_public_address_and_the_ports_of_the_own_one(
    tmp_path: Path,
) -> None:
    town = Town(tmp_path / "run", public_host="203.0.113.5")
    await town.plane.start()
    try:
        leg = await town.plane.open_leg("phone", Ears())
        web = await town.plane.open_leg("browser", Ears(), transport="web")
        opened = await web.open_peer(
            1,
            fingerprint="sha-256 " + ":".join(["AB"] * 32),
            codec="PCMU",
            payload_type=0,
            dtmf_payload_type=None,
        )
        for port in (leg.port, opened.udp_port):
            with (
                socket.socket(type=socket.SOCK_DGRAM) as other,
                pytest.raises(OSError, match="use"),
            ):
                other.bind((HOST, port))
    finally:
        await town.plane.close()

    assert leg.host == web.host == opened.host == "203.0.113.5"


async def test_a_killed_worker_is_told_replaced_and_leaves_usable_captures(
    town: Town, tmp_path: Path
) -> None:
    plane = town.plane
    ears, far_ears = Ears(), Ears()
    caller = await plane.open_leg("caller", ears)
    agent = await plane.open_leg("agent", far_ears, beside=caller)
    phone = Phone(caller)
    phone.call(caller)
    folder = tmp_path / "capture"
    plane.start_capture("c", folder, caller, agent)
    music = prompt(tmp_path, "music", b"\x01" * 160)
    playing = asyncio.ensure_future(caller.play([music], repeat=True))
    for number in range(75):  # one and a half seconds of speech, at its pace
        await phone.hears(number + 1)
        phone.say(bytes([number]) * 160)
    (pid,) = plane.process_ids
    os.kill(pid, signal.SIGKILL)
    await ears.until(lambda ears: ears.lost == 1)

    assert await playing == "lost"
    assert far_ears.lost == 1
    assert town.deaths == [(0, ["caller", "agent"])]
    assert await caller.close() == LegQuality()
    assert isinstance(await plane.stop_capture("c"), CaptureFailed)
    channel = read(folder / CALLER)
    assert (channel.codec, read(folder / AGENT).codec) == ("PCMU", "PCMU")
    written = (folder / CALLER).read_bytes()[HEADER_SIZE:].strip(b"\xff")
    assert written == b"".join(bytes([n]) * 160 for n in range(75))[: len(written)]
    assert len(written) >= 0.45 * 8000  # no more than a second is lost

    phone.close()
    leg, _ = await town.reopened()
    phone = Phone(leg)
    phone.call(leg)
    assert await leg.play([music]) == "finished"
    await phone.hears(1)
    phone.close()


async def test_levels_come_from_the_worker_in_a_dead_ones_place_after_the_next_word(
    town: Town,
) -> None:
    told: asyncio.Queue[LevelsHeard] = asyncio.Queue()
    town.plane.on_levels = told.put_nowait
    ears = Ears()
    leg = await town.plane.open_leg("leg", ears)
    town.plane.watch_levels(60)
    async with asyncio.timeout(30):
        while "leg" not in (await told.get()).accounts:
            pass
    (pid,) = town.plane.process_ids
    os.kill(pid, signal.SIGKILL)
    await ears.until(lambda ears: ears.lost == 1)
    await leg.close()

    await town.reopened()
    town.plane.watch_levels(60)
    async with asyncio.timeout(30):
        while "again" not in (await told.get()).accounts:
            pass


async def test_a_worker_that_hangs_is_killed_and_replaced(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cti_server.media.plane.ASKED_EVERY", 0.1)
    monkeypatch.setattr("cti_server.media.plane.ANSWERS_WITHIN", 0.3)
    monkeypatch.setattr("cti_server.media.worker_link.OPEN_WITHIN", 0.2)
    (pid,) = town.plane.process_ids
    os.kill(pid, signal.SIGKILL)  # the keeper takes up the shorter times with the next worker
    leg, ears = await town.reopened()
    (pid,) = town.plane.process_ids
    os.kill(pid, signal.SIGSTOP)

    with pytest.raises(MediaUnavailable):
        await town.plane.open_leg("late", Ears())
    await ears.until(lambda ears: ears.lost == 1)
    await leg.close()
    await town.reopened()


async def test_when_every_port_is_taken_that_is_said_and_a_closed_leg_makes_room(
    tmp_path: Path,
) -> None:
    first, last = port_range(8)
    town = Town(tmp_path / "run", workers=2, ports=(first, last))
    await town.plane.start()
    legs = [await town.plane.open_leg(f"leg-{n}", Ears()) for n in range(4)]
    assert sorted((leg.worker, leg.port) for leg in legs) == [
        (0, first), (0, first + 2), (1, first + 4), (1, first + 6),
    ]  # fmt: skip

    with pytest.raises(MediaUnavailable, match="no RTP port is free"):
        await town.plane.open_leg("fifth", Ears())
    await legs[2].close()
    again = await town.plane.open_leg("fifth", Ears())
    assert again.port == legs[2].port
    with pytest.raises(MediaUnavailable):
        await town.plane.open_leg("sixth", Ears(), beside=again)
    await town.plane.close()


async def test_legs_are_shared_out_and_partners_stay_together(tmp_path: Path) -> None:
    town = Town(tmp_path / "run", workers=2, ports=port_range(40))
    await town.plane.start()
    callers = [await town.plane.open_leg(f"caller-{n}", Ears()) for n in range(4)]
    agents = [
        await town.plane.open_leg(f"agent-{n}", Ears(), beside=caller)
        for n, caller in enumerate(callers)
    ]

    assert sorted(caller.worker for caller in callers) == [0, 0, 1, 1]
    assert [agent.worker for agent in agents] == [caller.worker for caller in callers]
    apart = next(caller for caller in callers if caller.worker != callers[0].worker)
    with pytest.raises(ValueError, match="different workers"):
        callers[0].bridge(apart)
    await town.plane.close()


async def test_a_worker_is_drained_without_a_call_noticing(tmp_path: Path) -> None:
    town = Town(tmp_path / "run", ports=port_range(40))
    await town.plane.start()
    (pid,) = town.plane.process_ids
    caller = await town.plane.open_leg("caller", Ears())
    agent = await town.plane.open_leg("agent", Ears(), beside=caller)
    phone, far_phone = Phone(caller), Phone(agent)
    phone.call(caller)
    far_phone.call(agent)
    caller.bridge(agent)
    drained = await town.plane.drain(0)
    assert drained == WorkerAtWork(0, legs=2, successor=1)
    elsewhere = await town.plane.open_leg("elsewhere", Ears())
    third = await town.plane.open_leg("third", Ears(), beside=agent)
    phone.say(b"\x01" * 160)
    await far_phone.hears(1)
    assert (elsewhere.worker, third.worker) == (1, 0)
    with pytest.raises(WorkerDraining):
        await town.plane.drain(0)
    for leg in (caller, third, agent):
        assert WorkerAtWork(1, legs=1) in town.plane.workers
        assert pid in town.plane.process_ids
        await leg.close()
    async with asyncio.timeout(30):
        while len(town.plane.workers) > 1:
            await town.plane.statistics()
    with pytest.raises(NoSuchWorker):
        await town.plane.drain(2)
    again = await town.plane.open_leg("again", Ears())

    assert again.worker == 1
    assert pid not in town.plane.process_ids
    assert len(town.plane.process_ids) == 1
    assert town.deaths == []
    assert not elsewhere.lost
    phone.close()
    far_phone.close()
    await town.plane.close()


async def test_a_worker_without_a_call_is_replaced_at_once_and_again_by_its_successors_number(
    tmp_path: Path,
) -> None:
    town = Town(tmp_path / "run", ports=port_range(40))
    await town.plane.start()
    for number in (0, 1):
        assert await town.plane.drain(number) == WorkerAtWork(number, 0, number + 1)
        async with asyncio.timeout(30):
            while len(town.plane.workers) > 1:
                await town.plane.statistics()

    assert town.plane.workers == [WorkerAtWork(2, legs=0)]
    assert town.deaths == []
    await town.plane.close()


async def test_a_plane_that_is_closed_while_a_successor_starts_leaves_no_worker_behind(
    town: Town,
) -> None:
    draining = asyncio.ensure_future(town.plane.drain(0))
    async with asyncio.timeout(30):
        while len(workers(os.getpid())) < 2:  # the successor's process is there, and loads itself
            await town.plane.statistics()
    assert town.plane.workers == [WorkerAtWork(0, legs=0, successor=1)]
    await town.plane.close()

    with pytest.raises(MediaUnavailable, match="closed"):
        await draining
    assert workers(os.getpid()) == []
    with pytest.raises(MediaUnavailable):
        await town.plane.drain(0)


async def test_who_stops_waiting_for_a_leg_leaves_none_behind(town: Town) -> None:
    for _ in range(3):
        opening = asyncio.ensure_future(town.plane.open_leg("leg", Ears()))
        await asyncio.sleep(0)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        async with asyncio.timeout(30):
            while (await town.plane.statistics())[0].legs:
                pass

    leg = await town.plane.open_leg("leg", Ears())
    with pytest.raises(ValueError, match="there already"):
        await town.plane.open_leg("leg", Ears())
    await leg.close()
    assert (await leg.close()) == (await leg.close())


async def test_nothing_is_left_of_closed_legs(tmp_path: Path) -> None:
    died: list[tuple[int, list[str]]] = []
    first, last = port_range(20)
    town = Town(tmp_path / "run", ports=(first, last))
    await town.plane.start()
    studio = Studio(town.plane, died)
    music = prompt(tmp_path, "music", b"\x01" * 1600)
    await studio.obeyed()
    before = studio.open_files()
    for round_ in range(6):  # more legs than ports
        (caller, phone, _), (agent, far_phone, _) = await studio.leg(), await studio.leg()
        phone.call(caller)
        far_phone.call(agent)
        caller.bridge(agent)
        town.plane.start_capture(f"c{round_}", tmp_path / f"c{round_}", caller, agent)
        await studio.obeyed()
        phone.say(b"\x01" * 160)
        far_phone.say(b"\x02" * 160)
        await phone.hears(1)
        moved = studio.phone(caller)
        moved.call(caller)
        await studio.obeyed()
        moved.say(b"\x03" * 160)
        await far_phone.hears(1)
        caller.start_play([music], repeat=True)
        agent.send_digits("123")
        await moved.hears(2)
        await studio.clear()
        await town.plane.stop_capture(f"c{round_}")

    assert studio.open_files() == before
    (statistics,) = await town.plane.statistics()
    assert (statistics.legs, statistics.captures) == (0, 0)
    legs = [await town.plane.open_leg(f"all-{n}", Ears()) for n in range(10)]
    assert sorted(leg.port for leg in legs) == list(range(first, last, 2))
    await town.plane.close()


async def test_a_worker_that_does_not_start_is_an_error_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(MediaUnavailable):
        await Town(tmp_path / "run").plane.start()


async def test_if_one_of_several_workers_does_not_start_none_is_left(tmp_path: Path) -> None:
    (tmp_path / "run" / "media-1.sock").mkdir(parents=True)  # where that one would have its socket
    town = Town(tmp_path / "run", workers=2, ports=port_range(40))

    with pytest.raises(MediaUnavailable, match="worker 1 does not start"):
        await town.plane.start()

    assert town.plane.process_ids == []
    assert workers(os.getpid()) == []


async def test_a_worker_is_replaced_as_soon_as_the_system_allows_it(
    town: Town, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    await asyncio.to_thread(run.rmdir)
    await asyncio.to_thread(run.touch)  # no socket can be made in there
    ears = Ears()
    await town.plane.open_leg("leg", ears)
    (pid,) = town.plane.process_ids
    os.kill(pid, signal.SIGKILL)
    await ears.until(lambda ears: ears.lost == 1)
    await asyncio.sleep(0.5)  # for some attempts that fail
    assert town.plane.process_ids == []
    with pytest.raises(MediaUnavailable):
        await town.plane.open_leg("leg", Ears())

    await asyncio.to_thread(run.unlink)
    leg, _ = await town.reopened()
    assert town.plane.process_ids != [pid]
    await leg.close()


async def test_a_run_folder_that_can_not_be_used_is_said_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "run").touch()

    with pytest.raises(MediaUnavailable, match="run"):
        await Town(tmp_path / "run").plane.start()


async def test_the_path_of_the_run_folder_may_be_as_long_as_it_likes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("long" * 30) / "run"
    short = tempfile.mkdtemp()
    monkeypatch.setattr(tempfile, "tempdir", short)
    town = Town(folder, ports=port_range(10))
    await town.plane.start()
    leg = await town.plane.open_leg("leg", Ears())
    await leg.close()
    await town.plane.close()

    await asyncio.to_thread(os.rmdir, short)  # nothing is left in it


async def test_closing_the_plane_ends_the_workers(tmp_path: Path) -> None:
    town = Town(tmp_path / "run")
    await town.plane.start()
    (pid,) = town.plane.process_ids
    leg = await town.plane.open_leg("leg", Ears())
    await town.plane.close()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert await leg.close() == LegQuality()
    assert town.deaths == []
    with pytest.raises(MediaUnavailable):
        await town.plane.open_leg("late", Ears())


async def link_over(control: socket.socket) -> WorkerLink:
    loop = asyncio.get_running_loop()
    _, link = await loop.create_unix_connection(lambda: WorkerLink(0), sock=control)
    return link


async def test_a_worker_whose_control_process_died_saves_the_captures_and_exits(
    tmp_path: Path,
) -> None:
    """The server is killed, so the socket closes; what was said up to then is on disk."""
    path = tmp_path / "control.sock"
    first, last = port_range(20)
    server_socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server_socket.bind(str(path))
    server_socket.listen()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cti_server.media.worker",
        "--socket", str(path), "--host", HOST, "--ports", f"{first}-{last}",
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    control, _ = await asyncio.to_thread(server_socket.accept)
    link = await link_over(control)
    ears = Ears()
    caller = await link.open_leg("caller", ears, HOST)
    agent = await link.open_leg("agent", Ears(), HOST)
    phone = Phone(caller)
    phone.call(caller)
    folder = tmp_path / "capture"
    link.start_capture(
        StartCapture(capture="c", folder=str(folder), caller="caller", agent="agent")
    )
    await link.statistics()
    for number in range(5):
        phone.say(bytes([number]) * 160)
    phone.press(1)
    await ears.until(lambda ears: ears.keys == "1")
    link.abort()
    _, errors = await process.communicate()
    server_socket.close()
    phone.close()

    assert process.returncode == 0
    started, *_ = errors.splitlines()
    assert json.loads(started)["event"] == "media.loop_started"
    assert json.loads(started)["compiled"] is COMPILED
    assert b"media.control_lost" in errors
    said = (folder / CALLER).read_bytes()[HEADER_SIZE:].strip(b"\xff")
    assert said == b"".join(bytes([n]) * 160 for n in range(5))
    assert agent.port != caller.port
