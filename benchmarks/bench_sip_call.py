"""
CPU time of the signalling layer for a whole call with two dialogs, over UDP on the loopback.

A back-to-back server takes a call in, places one out, joins the answers, and passes the BYE on:
fourteen messages and two dialogs a call. The caller and the callee are one generator, which runs in
a process of its own; only the server's CPU time counts. No media.

``python -m benchmarks.bench_sip_call --calls 2000 --rate 100``
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import socket
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import uvloop

from cti_server.sip.core import CoreSettings
from cti_server.sip.incoming_call import IncomingCall
from cti_server.sip.offer_answer import LocalMedia, answer_offer, make_offer
from cti_server.sip.outgoing_call import OutgoingCall
from cti_server.sip.overload import Overload, OverloadLimits
from cti_server.sip.sdp import Sdp
from cti_server.sip.session import DEAF, Ended, SessionListener
from cti_server.sip.transport import Listen
from cti_server.sip.trunks import Trunk
from cti_server.sip.user_agent import UserAgent

HOST = "127.0.0.1"
MEDIA = LocalMedia(host=HOST, port=29996, session_id=1)
LIMITS = OverloadLimits(calls_per_second=1e6, burst=1e6, open_calls=10**6, loop_lag=60.0)
HOLD = 0.2  # seconds that a call stands


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def open_agent(on_call: Callable[[IncomingCall], SessionListener]) -> UserAgent:
    return UserAgent(
        listen=[Listen("udp", HOST, 0)],
        realm="bench",
        trunks=[Trunk("loopback", (HOST,))],
        overload=Overload(LIMITS),
        settings=CoreSettings(ping_interval=None),
        on_call=on_call,
    )


class Listener:
    """A session listener for which nothing matters, to be derived from."""

    def ringing(self, status: int, early_media: Sdp | None) -> None: ...
    def answered(self, remote: Sdp) -> None: ...
    def failed(self, status: int, reason: str) -> None: ...
    def cancelled(self) -> None: ...
    def confirmed(self) -> None: ...
    def offered(self, offer: Sdp) -> Sdp | None: ...
    def digit_received(self, digit: str, duration_ms: int) -> None: ...
    def ended(self, ended: Ended) -> None: ...


class CallerLeg(Listener):
    """The server's side towards the caller; places the other leg."""

    def __init__(self, agent: UserAgent, call: IncomingCall, callee: str) -> None:
        self.call = call
        self.other = agent.call(
            callee,
            offer=make_offer(MEDIA),
            listener=CalleeLeg(self),
            from_uri=f"sip:{call.caller_number}@{HOST}",
        )

    def ended(self, ended: Ended) -> None:
        self.other.hang_up()


class CalleeLeg(Listener):
    """The server's side towards the callee."""

    def __init__(self, caller: CallerLeg) -> None:
        self._caller = caller

    def ringing(self, status: int, early_media: Sdp | None) -> None:
        self._caller.call.ring()

    def answered(self, remote: Sdp) -> None:
        offer = self._caller.call.offer
        if offer is not None:
            self._caller.call.answer(answer_offer(offer, MEDIA)[0])

    def failed(self, status: int, reason: str) -> None:
        self._caller.call.refuse(status)


async def serve(control: Connection) -> None:
    callee = ""
    agent: UserAgent

    def on_call(call: IncomingCall) -> SessionListener:
        return CallerLeg(agent, call, callee)

    agent = open_agent(on_call)
    await agent.start()
    control.send(agent.addresses[0].port)
    loop = asyncio.get_running_loop()
    callee = await loop.run_in_executor(None, control.recv)
    control.send("ready")
    used, began = cpu_seconds(), time.monotonic()
    system = resource.getrusage(resource.RUSAGE_SELF).ru_stime
    await loop.run_in_executor(None, control.recv)
    figures = agent.statistics
    control.send(
        {
            "cpu": cpu_seconds() - used,
            "cpu_in_kernel": resource.getrusage(resource.RUSAGE_SELF).ru_stime - system,
            "seconds": time.monotonic() - began,
            "received": sum(figures.received.values()),
            "sent": sum(figures.sent.values()),
            "retransmissions": figures.retransmissions,
        }
    )
    await agent.close()


def server_process(control: Connection) -> None:
    uvloop.run(serve(control))


class Caller(Listener):
    def __init__(self, done: Callable[[bool], None]) -> None:
        self._done = done
        self.call: OutgoingCall | None = None

    def answered(self, remote: Sdp) -> None:
        asyncio.get_running_loop().call_later(HOLD, self._hang_up)

    def failed(self, status: int, reason: str) -> None:
        self._done(False)

    def _hang_up(self) -> None:
        if self.call is not None:
            self.call.hang_up()
        self._done(True)


async def generate(port: int, control: Connection, calls: int, rate: float) -> tuple[int, int]:
    """Place the calls, and answer those that come back; how many went well, and how many not."""
    outcomes: list[bool] = []
    all_done = asyncio.Event()

    def done(well: bool) -> None:
        outcomes.append(well)
        if len(outcomes) == calls:
            all_done.set()

    def on_call(call: IncomingCall) -> SessionListener:
        call.ring()
        if call.offer is not None:
            call.answer(answer_offer(call.offer, MEDIA)[0])
        return DEAF

    agent = open_agent(on_call)
    await agent.start()
    control.send(f"sip:callee@{HOST}:{agent.addresses[0].port}")
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, control.recv)
    start = loop.time()
    for number in range(calls):
        await asyncio.sleep(max(0.0, start + number / rate - loop.time()))
        caller = Caller(done)
        caller.call = agent.call(
            f"sip:1000@{HOST}:{port}", offer=make_offer(MEDIA), listener=caller, from_uri="sip:a@b"
        )
    await all_done.wait()
    await asyncio.sleep(0.5)
    await agent.close()
    return sum(outcomes), len(outcomes) - sum(outcomes)


def bare_datagram() -> float:
    """CPU seconds to receive and send one SIP-sized datagram with nothing between: the floor."""
    rounds, data = 20_000, b"x" * 700
    buffer = bytearray(65536)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((HOST, 0))
        address = one.getsockname()
        used = cpu_seconds()
        for _ in range(rounds):
            one.sendto(data, address)
            one.recvfrom_into(buffer)
        return (cpu_seconds() - used) / rounds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=100.0)
    options = parser.parse_args()
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=server_process, args=(there,))
    process.start()
    port = here.recv()
    well, badly = uvloop.run(generate(port, here, options.calls, options.rate))
    here.send("stop")
    report = here.recv()
    process.join()
    messages = report["received"] + report["sent"]
    floor = bare_datagram()
    report |= {
        "calls": well,
        "failed": badly,
        "cpu_ms_per_call": round(report["cpu"] / well * 1000, 3),
        "cpu_us_per_message": round(report["cpu"] / messages * 1e6, 1),
        "floor_us_per_datagram_in_and_out": round(floor * 1e6, 1),
        "times_the_floor": round(report["cpu"] / (messages / 2 * floor), 1),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
