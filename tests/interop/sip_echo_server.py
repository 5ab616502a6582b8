"""
A server process for foreign peers: answers every call, echoes no media, counts what happens.

``python -m tests.interop.sip_echo_server --port 15060``; prints ``ready PORT``, and a JSON line of
figures when it is told to stop (SIGTERM) or its calls are done (``--call``).
"""

import argparse
import asyncio
import contextlib
import json
import resource
import signal
import sys

import uvloop

from cti_server.sip.core import CoreSettings
from cti_server.sip.digest import ha1
from cti_server.sip.errors import NoCommonCodec
from cti_server.sip.incoming_call import IncomingCall
from cti_server.sip.offer_answer import LocalMedia, answer_offer, make_offer
from cti_server.sip.overload import Overload, OverloadLimits
from cti_server.sip.sdp import Sdp
from cti_server.sip.session import Ended, SessionListener
from cti_server.sip.transport import Listen
from cti_server.sip.trunks import Trunk
from cti_server.sip.user_agent import UserAgent

REALM = "hotline.test"
MEDIA = LocalMedia(host="127.0.0.1", port=29998, session_id=1)


class Phones:
    """Accounts 200 to 299, whose passwords are "pw200" to "pw299"."""

    def ha1(self, username: str, algorithm: str) -> str | None:
        if username not in {str(number) for number in range(200, 300)}:
            return None
        return ha1(username, REALM, f"pw{username}", algorithm)


class Tally:
    """What became of the calls."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def add(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1


class Answering:
    """A call in: rings, and is answered at once or after a while."""

    def __init__(self, call: IncomingCall, tally: Tally, answer_after: float) -> None:
        self._call = call
        self._tally = tally
        tally.add("arrived")
        call.ring()
        self._timer = asyncio.get_running_loop().call_later(answer_after, self._answer)

    def _answer(self) -> None:
        offer = self._call.offer
        try:
            answer = make_offer(MEDIA) if offer is None else answer_offer(offer, MEDIA)[0]
        except NoCommonCodec:
            self._call.refuse(488)
        else:
            self._call.answer(answer)

    def ringing(self, status: int, early_media: Sdp | None) -> None: ...

    def answered(self, remote: Sdp) -> None:
        self._tally.add("answered")

    def failed(self, status: int, reason: str) -> None: ...

    def cancelled(self) -> None:
        self._timer.cancel()
        self._tally.add("cancelled")

    def confirmed(self) -> None:
        self._tally.add("confirmed")

    def offered(self, offer: Sdp) -> Sdp | None:
        self._tally.add("offered")
        return answer_offer(offer, MEDIA)[0]

    def digit_received(self, digit: str, duration_ms: int) -> None:
        self._tally.add(f"digit {digit}")

    def ended(self, ended: Ended) -> None:
        self._tally.add(f"ended {ended.cause}")


class Calling(Answering):
    """A call out: hung up by us some time after the answer."""

    def __init__(self, tally: Tally, hold: float, done: asyncio.Semaphore) -> None:
        self._tally = tally
        self._hold = hold
        self._done = done
        self.call: object = None

    def answered(self, remote: Sdp) -> None:
        self._tally.add("answered")
        self._timer = asyncio.get_running_loop().call_later(self._hold, self._hang_up)

    def failed(self, status: int, reason: str) -> None:
        self._tally.add(f"failed {status}")
        self._done.release()

    def _hang_up(self) -> None:
        self.call.hang_up()  # type: ignore[attr-defined]
        self._tally.add("hung up")
        self._done.release()

    def ended(self, ended: Ended) -> None:
        super().ended(ended)
        self._timer.cancel()
        self._done.release()


TIMER_F = 33.0
"""64*T1 and a little, in seconds: after that no BYE is waited for (RFC 3261 §17.1.2.2)."""


async def place_calls(agent: UserAgent, tally: Tally, options: argparse.Namespace) -> None:
    done = asyncio.Semaphore(0)
    loop = asyncio.get_running_loop()
    start = loop.time()
    for number in range(options.calls):
        await asyncio.sleep(max(0.0, start + number / options.rate - loop.time()))
        calling = Calling(tally, options.hold, done)
        calling.call = agent.call(
            options.call, offer=make_offer(MEDIA), listener=calling, from_uri="sip:echo@127.0.0.1"
        )
    for _ in range(options.calls):
        await done.acquire()


async def serve(options: argparse.Namespace) -> None:
    tally = Tally()

    def on_call(call: IncomingCall) -> SessionListener:
        return Answering(call, tally, options.answer_after)

    agent = UserAgent(
        listen=[
            Listen("udp", "127.0.0.1", options.port),
            Listen("tcp", "127.0.0.1", options.port),
        ],
        realm=REALM,
        accounts=Phones(),
        trunks=[] if options.phones_only else [Trunk("loopback", ("127.0.0.1",))],
        algorithms=options.algorithms.split(","),
        overload=Overload(OverloadLimits(calls_per_second=1e4, burst=1e4, open_calls=10**5)),
        settings=CoreSettings(ping_interval=None),
        on_call=on_call,
    )
    await agent.start()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    print("ready", agent.addresses[0].port, flush=True)  # noqa: T201
    if options.call:
        await place_calls(agent, tally, options)
        # A BYE that is lost again and again takes as long as the timer.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TIMER_F):
                while agent.statistics.dialogs_open:  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.1)
    else:
        await stop.wait()
    used = resource.getrusage(resource.RUSAGE_SELF)
    figures = agent.statistics
    report = {
        "counts": tally.counts,
        "cpu": used.ru_utime + used.ru_stime,
        "bindings": figures.bindings,
        "calls_open": figures.calls_open,
        "dialogs_open": figures.dialogs_open,
        "retransmissions": figures.retransmissions,
        "received": sum(figures.received.values()),
        "sent": sum(figures.sent.values()),
    }
    print(json.dumps(report), flush=True)  # noqa: T201
    await agent.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--answer-after", type=float, default=0.0)
    parser.add_argument("--algorithms", default="MD5", help="of digests, in order: SHA-256,MD5")
    parser.add_argument("--phones-only", action="store_true", help="calls need a password, too")
    parser.add_argument("--call", help="the URI to call, instead of waiting for calls")
    parser.add_argument("--calls", type=int, default=1)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--hold", type=float, default=0.2)
    options = parser.parse_args()
    uvloop.run(serve(options)) if sys.platform != "win32" else asyncio.run(serve(options))


if __name__ == "__main__":
    main()
