"""Refused calls are told to the log, a flood of them once a second."""

import asyncio

from cti_server.calls.refused_calls import RefusedCalls
from cti_server.wire.events import CallsRefused, Event
from tests.virtual_time import VirtualTimeLoop


def test_a_flood_is_one_event_a_second_for_each_trunk_and_cause() -> None:
    told: list[tuple[float, Event]] = []

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        refused = RefusedCalls(lambda event: told.append((loop.time(), event)))
        for _ in range(50):
            refused.refused("carrier", "overload")
        refused.refused("other", "overload")
        await asyncio.sleep(5)
        refused.refused("carrier", "draining")
        refused.close()
        refused.refused("carrier", "draining")
        await asyncio.sleep(5)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(scenario())

    assert told == [
        (1.0, CallsRefused(trunk="carrier", cause="overload", calls=50)),
        (1.0, CallsRefused(trunk="other", cause="overload", calls=1)),
        (5.0, CallsRefused(trunk="carrier", cause="draining", calls=1)),
    ]
