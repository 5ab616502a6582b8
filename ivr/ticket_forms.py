"""Tickets as a flow's checker sees them: what the form of a type asks for."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from .nodes import Place, TicketNode


@dataclass(frozen=True, slots=True)
class TicketForm:
    """Its fields, None if it takes any, and those that must be there."""

    fields: Collection[str] | None
    needed: Collection[str] = ()

    def faults_of(self, node: TicketNode) -> Iterator[tuple[Place, str]]:
        """Why no ticket would ever be opened."""
        for field in node.fields:
            if self.fields is not None and field not in self.fields:
                message = f"tickets of the type '{node.ticket}' have no field '{field}'"
                yield ("fields", field), message
        for field in sorted({*self.needed} - {*node.fields}):
            yield ("fields",), f"tickets of the type '{node.ticket}' need the field '{field}'"
