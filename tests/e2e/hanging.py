"""A routing policy of somebody's own, with a fault: it comes to no end, once."""

import os
import time
from pathlib import Path

from acd.demand import Demand
from acd.policies import Cost, LongestIdle
from acd.profile import Profile
from acd.tally import Tally

NAMED_BY = "FILE_THAT_HANGS"
"""The environment's variable; it hangs when the file is there, which is gone then."""


class HangsOnce(LongestIdle):
    def cost(self, fit: float, standing: Cost) -> Cost:
        hang_once()
        return super().cost(fit, standing)

    def terms(self, profile: Profile, demand: Demand, tally: Tally) -> dict[str, float]:
        hang_once()
        return super().terms(profile, demand, tally)


def hang_once() -> None:
    file = Path(os.environ[NAMED_BY])
    if file.exists():
        file.unlink()
        while True:
            time.sleep(1)  # other threads go on
