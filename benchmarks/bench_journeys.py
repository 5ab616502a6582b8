"""
How many journeys through a shipped flow one core walks in a second, on virtual time.

``python -m benchmarks.bench_journeys``. Process CPU time, so a busy machine matters less.
"""

import time
from statistics import median
from typing import Final

from config.settings import SHIPPED
from ivr.flow import load
from ivr.journeys import load_journeys
from ivr.travelling import walk_all

RUNS: Final = 15
ROUNDS: Final = 30  # of all journeys a run


def main() -> None:
    flow = load(SHIPPED / "flows" / "main.yaml")
    book = load_journeys(SHIPPED / "flows" / "journeys" / "main.yaml")
    rates, nodes = list[float](), 0
    for _ in range(RUNS):
        began, walked, nodes = time.process_time(), 0, 0
        for _ in range(ROUNDS):
            for outcome in walk_all(flow, book):
                walked += 1
                nodes += len(outcome.visits)
        rates.append(walked / (time.process_time() - began))
    rate = median(rates)
    each = nodes / (ROUNDS * len(book.journeys))
    print(
        f"{rate:,.0f} journeys a second; {1e6 / rate / each:.1f} µs a node, {each:.1f} nodes each"
    )


if __name__ == "__main__":
    main()
