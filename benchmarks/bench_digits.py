"""
Keys in the audio over a network that loses packets: how many are lost, how many doubled.

``python -m benchmarks.bench_digits [--keys 10000] [--legs 100] [--ms 100] [--pause 100]``: callers
without telephone-events dial at the pace of life into a real worker, each a hundred keys, of which
one in three is the same as the one before; 2 % of their packets are lost. A key of which less than
30 ms came counts as swallowed by the network, not as lost. Prints a line for each network, with
the worker's CPU time. The limit is none lost and none doubled.
"""

import argparse
import asyncio
import random
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cti_server.media.key_presses import Way
from cti_server.media.plane import MediaLeg, MediaPlane
from tests.media.losses import NETWORKS, Dialler
from tests.media.phone import packet

from .studio import HOST, Deaf, machine, one_worker

TICK: Final = 0.02
ENDED: Final = 1.0  # seconds after the last packet in which the last key is told


class Typed(Deaf):
    """Remembers the keys of one leg."""

    def __init__(self) -> None:
        self.keys = ""

    def digit(self, digit: str, duration_ms: int, way: Way) -> None:
        self.keys += digit


class Caller:
    """A leg, and who dials into it from a socket of their own."""

    def __init__(self, leg: MediaLeg, typed: Typed, dialler: Dialler, own: socket.socket) -> None:
        self.dialler, self.typed, self.leg = dialler, typed, leg
        self._socket = own
        leg.set_remote(
            host=HOST,
            port=own.getsockname()[1],
            codec="PCMU",
            payload_type=0,
            dtmf_payload_type=None,
            direction="sendrecv",
        )

    def send(self, number: int) -> None:
        if (payload := self.dialler.arriving(number)) is not None:
            data = packet(payload, number, 160 * number)
            self._socket.sendto(data, (HOST, self.leg.port))


@contextmanager
def sockets(count: int) -> Iterator[list[socket.socket]]:
    made = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    try:
        for one in made:
            one.bind((HOST, 0))
        yield made
    finally:
        for one in made:
            one.close()


async def dial(callers: list[Caller]) -> None:
    """All of them at the pace of life, spread over the 20 ms."""
    loop = asyncio.get_running_loop()
    began, share = loop.time(), TICK / len(callers)
    for number in range(max(len(caller.dialler.packets) for caller in callers)):
        for place, caller in enumerate(callers):
            await asyncio.sleep(max(0.0, began + number * TICK + place * share - loop.time()))
            caller.send(number)
    await asyncio.sleep(ENDED)


async def run(plane: MediaPlane, name: str, wished: argparse.Namespace) -> str:
    chance = random.Random(23)
    each = wished.keys // wished.legs
    with sockets(wished.legs) as own:
        callers = []
        for number, one in enumerate(own):
            typed = Typed()
            leg = await plane.open_leg(f"{name}-{number}", typed)
            dialler = Dialler(each, wished.ms, wished.pause, NETWORKS[name], chance)
            callers.append(Caller(leg, typed, dialler, one))
        (before,) = await plane.statistics()
        await dial(callers)
        (after,) = await plane.statistics()
        for caller in callers:
            await caller.leg.close()
    found = [caller.dialler.mistakes(caller.typed.keys) for caller in callers]
    lost, doubled = (sum(one) for one in zip(*found, strict=True))
    swallowed = sum(caller.dialler.swallowed for caller in callers)
    seconds = TICK * sum(len(caller.dialler.packets) for caller in callers)
    cpu = 1000 * (after.cpu_seconds - before.cpu_seconds) / seconds
    return (
        f"{name:30} {each * len(callers)} keys: lost {lost}, doubled {doubled}, "
        f"swallowed {swallowed}; {cpu:.2f} ms of CPU a leg-second"
    )


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else "")
    parser.add_argument("--keys", type=int, default=10_000)
    parser.add_argument("--legs", type=int, default=100)
    parser.add_argument("--ms", type=int, default=100, help="length of a key")
    parser.add_argument("--pause", type=int, default=100, help="and of the pause after it, in ms")
    wished = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        async with one_worker(Path(folder)) as plane:
            for name in NETWORKS:
                print(await run(plane, name, wished), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
