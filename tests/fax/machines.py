"""A fax process of a test's own, and orders for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from cti_server.fax.machines import FaxMachine, FaxMachines
from cti_server.fax.protocol import OpenMachine
from tests.ports import port_range

HOST = "127.0.0.1"
LAW: Final = "PCMA"


@asynccontextmanager
async def fax_process(
    folder: Path, ports: tuple[int, int] | None = None
) -> AsyncIterator[FaxMachines]:
    machines = FaxMachines(
        host=HOST,
        public_host=None,
        ports=ports or port_range(100),
        run_folder=folder / "run",
        log_level="info",
    )
    try:
        yield machines
    finally:
        await machines.close()


def order(name: str, document: Path, *, sends: bool, calling: bool | None = None) -> OpenMachine:
    return OpenMachine(
        machine=name,
        calling=sends if calling is None else calling,
        sends=sends,
        document=str(document),
        ident="+862112345678" if sends else "+8675512345678",
    )


def talk(one: FaxMachine, other: FaxMachine) -> None:
    """By RTP, each to the other."""
    one.speak_audio(other.audio_host, other.audio_port, LAW, 8)
    other.speak_audio(one.audio_host, one.audio_port, LAW, 8)


def exchange(one: FaxMachine, other: FaxMachine) -> None:
    """By T.38, each to the other."""
    one.speak_packets(other.host, other.packet_port, redundant=True, largest=400)
    other.speak_packets(one.host, one.packet_port, redundant=True, largest=400)
