"""Other systems as a flow's checker sees them: what they can be asked, with what, for what."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from .nodes import DataLookUp, Place, SystemRequest

Fault = tuple[Place, str]


@dataclass(frozen=True, slots=True)
class Askable:
    """
    Something that can be asked: the values that it takes, and those that it cannot do without.

    ``gives``: the parts of the answer; None where nobody knows them. ``in_address``: the values
    that become a part of an address, which the systems on the way write down.
    """

    takes: Collection[str]
    needs: Collection[str]
    gives: Collection[str] | None = None
    in_address: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Systems:
    """``requests`` by connector and operation; ``look_ups`` by name."""

    requests: Mapping[str, Mapping[str, Askable]]
    look_ups: Mapping[str, Askable]

    def faults_of_request(self, node: SystemRequest, secrets: Collection[str]) -> Iterator[Fault]:
        """``secrets`` are the names of those that the flow knows."""
        if (operations := self.requests.get(node.connector)) is None:
            yield ("connector",), f"unknown connector '{node.connector}'"
        elif (askable := operations.get(node.operation)) is None:
            message = f"connector '{node.connector}' has no operation '{node.operation}'"
            yield ("operation",), message
        else:
            yield from _values(node, askable)
            for name, part in node.keep.items():
                for field in sorted(part.fields - {*(askable.gives or part.fields)}):
                    yield ("keep", name), f"'{node.operation}' gives no '{field}'"
            for read in node.reads():
                if read.name in secrets and read.place[-1] in askable.in_address:
                    message = f"'{{{read.name}}}' would be a part of an address, which is no secret"
                    yield read.place, message

    def faults_of_look_up(self, node: DataLookUp) -> Iterator[Fault]:
        if (askable := self.look_ups.get(node.look_up)) is None:
            yield ("look_up",), f"unknown look-up '{node.look_up}'"
            return
        yield from _values(node, askable)
        for name, column in node.keep.items():
            if column not in (askable.gives or ()):
                yield ("keep", name), f"'{node.look_up}' has no column '{column}'"


def _values(node: SystemRequest | DataLookUp, askable: Askable) -> Iterator[Fault]:
    for name in node.values:
        if name not in askable.takes:
            yield ("values", name), f"takes no value '{name}'"
    for name in sorted({*askable.needs} - {*node.values}):
        yield ("values",), f"value '{name}' is missing"
