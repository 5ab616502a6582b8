"""An operator replaces a media worker by a new process; nobody in a call notices."""

import asyncio
import socket
from pathlib import Path

import aiohttp

from tests.running_server import Desktop, serving

from .raw_sip import RawPhone, offer

WORKERS = "/api/v1/media/workers"


async def ask_to_drain(who: Desktop, number: str) -> tuple[int, dict[str, object]]:
    headers = {"Authorization": f"Bearer {who.token}"}
    async with aiohttp.ClientSession(who.api, headers=headers) as session:
        answer = await session.post(f"{WORKERS}/{number}/drain")
        return answer.status, await answer.json()


async def test_a_worker_is_replaced_over_rest_and_ends_after_its_last_call(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as audio:
        audio.bind(("127.0.0.1", 0))
        audio.setblocking(False)
        here = audio.getsockname()[1]
        async with serving(tmp_path) as server, RawPhone(server.sip_port) as phone:
            await server.add_agent("boss", "8001", "--role", "admin")
            await server.add_agent("zhao", "8002", "--role", "supervisor")
            boss, zhao = await server.log_in("boss"), await server.log_in("zhao")
            invite = phone.invite("13800138000", "1000", sdp=offer("127.0.0.1", here))
            phone.send(invite)
            answered = await phone.response("INVITE")
            phone.acknowledge(invite, answered)
            refused = await ask_to_drain(zhao, "0")
            drained = await ask_to_drain(boss, "0")
            again = await ask_to_drain(boss, "0")
            unknown = await ask_to_drain(boss, "7")
            nonsense = await ask_to_drain(boss, "x")
            during = await boss.get(WORKERS)
            while True:  # what came before that
                try:
                    audio.recv(2048)
                except BlockingIOError:
                    break
            async with asyncio.timeout(30):
                await asyncio.get_running_loop().sock_recv(audio, 2048)
            phone.send(phone.bye(invite, answered))
            await boss.when(WORKERS, lambda workers: len(workers) == 1)
            after = await boss.get(WORKERS)
            await boss.close()
            await zhao.close()

    assert refused[0] == 403
    assert drained == (202, {"number": 0, "legs": 1, "successor": 1})
    assert (again[0], again[1]["type"]) == (409, "WorkerDraining")
    assert unknown[0] == nonsense[0] == 404
    assert during == [
        {"number": 0, "legs": 1, "successor": 1},
        {"number": 1, "legs": 0, "successor": None},
    ]
    assert after == [{"number": 1, "legs": 0, "successor": None}]
