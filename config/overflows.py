"""Whether what leaves one queue comes to another that exists, and never round in a ring."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from .floor import QueueSettings

_QUEUE = "queue:"
_NUMBER = "number:"


class Misled(NamedTuple):
    """A rule or key of a queue that leads nowhere; ``field`` as in the settings."""

    queue: str
    field: str
    problem: str


def misled(queues: Iterable[QueueSettings]) -> list[Misled]:
    """All that is wrong with the ways between these queues."""
    by_name = {queue.name: queue for queue in queues}
    return [problem for queue in by_name.values() for problem in _of(queue, by_name)]


def _of(queue: QueueSettings, queues: Mapping[str, QueueSettings]) -> Iterator[Misled]:
    for field, then in ways_of(queue).items():
        if (target := led_to(then)) is not None and target not in queues:
            yield Misled(queue.name, field, f"there is no queue {target!r}")
        elif target == queue.name:
            yield Misled(queue.name, field, "leads to the queue itself")
    for i, rule in enumerate(queue.overflow):
        target = led_to(rule.then)
        if target is not None and target != queue.name and queue.name in _reached(target, queues):
            ring = f"who overflows to {target!r} may come back by its own rules"
            yield Misled(queue.name, f"overflow.{i}.then", ring)


def leading_to(name: str, queues: Iterable[QueueSettings]) -> list[str]:
    """The other queues from which rules or keys lead there."""
    return [
        queue.name
        for queue in queues
        if queue.name != name and any(led_to(then) == name for then in ways_of(queue).values())
    ]


def ways_of(queue: QueueSettings) -> dict[str, str]:
    """Where its rules and keys lead, by field."""
    ways = {f"overflow.{i}.then": rule.then for i, rule in enumerate(queue.overflow)}
    return ways | {f"exits.{key}.then": one.then for key, one in queue.exits.items()}


def queue_way(name: str) -> str:
    """The way that leads to this queue."""
    return f"{_QUEUE}{name}"


def led_to(then: str) -> str | None:
    """The queue that a way leads to, if it leads to one."""
    return then.removeprefix(_QUEUE) if then.startswith(_QUEUE) else None


def number_led_to(then: str) -> str | None:
    """The number or SIP URI outside that a way leads to, if it leads to one."""
    return then.removeprefix(_NUMBER) if then.startswith(_NUMBER) else None


def _reached(start: str, queues: Mapping[str, QueueSettings]) -> set[str]:
    """Where rules alone may bring a contact from there."""
    reached, ahead = set[str](), [start]
    while ahead:
        name = ahead.pop()
        if name in reached or name not in queues:
            continue
        reached.add(name)
        ahead += [queue for rule in queues[name].overflow if (queue := led_to(rule.then))]
    return reached
