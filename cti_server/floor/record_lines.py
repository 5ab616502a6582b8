"""
The lines of the routing's record: JSON, each with its type.

A segment is what one router saw, from its making on. A day's file begins with a segment, or goes on
with the one that an earlier file began.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Self

import msgspec

from acd import policies
from acd.effects import Effect, OfferMade, TakenOver
from acd.inputs import HandleTimer, Input, PutQueue, name_of
from acd.model import Offer, Rules
from acd.policies import LONGEST_IDLE, Policy
from acd.queue import Queue


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """A new router: it knows these queues, and nobody yet."""

    at: datetime
    version: str
    """Of the server: another one may decide otherwise."""
    rules: Rules
    queues: tuple[Queue, ...]


class Continued(msgspec.Struct, frozen=True, tag="continued"):
    """The first line of a day that began while the router was at work."""

    at: datetime
    since: date
    """The day in whose file the segment begins."""


class Taken(msgspec.Struct, frozen=True, omit_defaults=True, tag="taken"):
    """What happened to the router, and what it decided: offers, in their order, or a refusal."""

    at: datetime
    input: Input
    offers: tuple[Offer, ...] = ()
    refused: str | None = None
    """The error's class."""

    @classmethod
    def of(cls, at: datetime, happened: Input, effects: Iterable[Effect]) -> Self:
        made = (one.offer for one in effects if isinstance(one, OfferMade | TakenOver))
        return cls(at, happened, tuple(made))


Line = Opened | Continued | Taken


class _Named(msgspec.Struct, frozen=True):
    """A policy as :func:`acd.policies.load` takes it."""

    name: str
    weights: dict[str, float]


def _policy(kind: type, value: Any) -> Policy:
    named = msgspec.convert(value, _Named)
    return policies.load(named.name, named.weights)


_encode = msgspec.json.Encoder(order="deterministic").encode
_decoder: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line, dec_hook=_policy)


def encode(line: Line) -> bytes:
    """Raises UnicodeEncodeError for what is no text."""
    match line:
        case Opened(queues=queues):
            rest = msgspec.to_builtins(msgspec.structs.replace(line, queues=()))
            return _encode({**rest, "queues": [_written(queue) for queue in queues]})
        case Taken(input=PutQueue(queue) as put):
            rest = msgspec.to_builtins(msgspec.structs.replace(line, input=HandleTimer()))
            happened = {"type": name_of(put), "queue": _written(queue)}
            return _encode({**rest, "input": happened})
        case _:
            return _encode(line)


def decode(line: bytes) -> Line:
    """Raises ``msgspec.DecodeError``, and InvalidValue for a policy that is not there."""
    return _decoder.decode(line)


def _written(queue: Queue) -> Mapping[str, Any]:
    """A policy is a class of anybody's: its name is written instead."""
    name, weights = policies.written(queue.policy)
    plain = msgspec.to_builtins(replace(queue, policy=LONGEST_IDLE))
    return {**plain, "policy": _Named(name, dict(weights))}
