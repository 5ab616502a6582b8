"""A worker that keeps what nobody has any more is told of."""

import asyncio
from collections.abc import Mapping

from acd.invariants import Breach
from cti_server.self_check.calls import CallFault
from cti_server.self_check.ports import ASKED_EVERY, WorkerPorts
from tests import virtual_time
from tests.acd.build import MORNING


class Workers:
    def __init__(self) -> None:
        self.legs = {0: 0, 1: 2}
        self.asked = 0

    async def surplus(self) -> Mapping[int, int]:
        self.asked += 1
        return dict(self.legs)


def test_a_worker_with_legs_that_nobody_knows_of_is_told_until_it_has_none() -> None:
    async def scenario() -> None:
        workers = Workers()
        ports = WorkerPorts(workers)

        def breaches() -> list[Breach]:
            return [one for number in ports.workers for one in ports.check(number, MORNING)]

        ports.start()
        assert breaches() == []
        await asyncio.sleep(ASKED_EVERY + 1)
        kind = CallFault.PORTS_NOT_GIVEN_BACK
        assert breaches() == [Breach(kind, "worker 1", detail="2 legs")]
        workers.legs[1] = 0
        await asyncio.sleep(ASKED_EVERY)
        assert breaches() == []
        await ports.close()
        await asyncio.sleep(3 * ASKED_EVERY)
        assert workers.asked == 2

    virtual_time.run(scenario())
