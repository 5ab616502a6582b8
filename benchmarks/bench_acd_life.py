"""
A floor's life at random: whether the router breaks a promise in a million events.

After each event everything that it promises is checked by brute force against a ledger of its own
(``tests/acd/ledger.py``). The suite lives through 20,000 events of it.

    python -m benchmarks.bench_acd_life [--events 1000000] [--seed 1]
"""

import argparse
import time

from tests.acd.random_life import RandomLife

PART = 50_000  # events, then the floor is cleared and another life begins


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1, help="of the first life")
    options = parser.parse_args()
    lived = offers = 0
    began = time.process_time()
    for seed in range(options.seed, options.seed + -(-options.events // PART)):
        life = RandomLife(seed)
        life.live(events := min(PART, options.events - lived))
        life.end()
        lived += events
        offers += len(life.life.ledger.offer_ids)
    spent = time.process_time() - began
    print(f"{lived} events, {offers} offers, 0 violations, {spent:.0f} s CPU")


if __name__ == "__main__":
    main()
