"""
The steps of a flow. A class is the YAML schema of its node and the node's logic in one.

A new type of node is a class in one of these files and a word in :data:`AnyNode`. A node decides
from its :class:`Turn` alone; it keeps nothing, so one flow serves every call.
"""

from typing import Annotated

from pydantic import Field

from .asking import Collect, Menu
from .leaving import Ending, ToParty, ToQueue
from .node import GoTo, Key, Name, Node, Place, Route, Turn, Word
from .telling import Play

AnyNode = Annotated[
    Play | Menu | Collect | ToQueue | ToParty | Ending,
    Field(discriminator="type"),
]

__all__ = [
    "AnyNode",
    "Collect",
    "Ending",
    "GoTo",
    "Key",
    "Menu",
    "Name",
    "Node",
    "Place",
    "Play",
    "Route",
    "ToParty",
    "ToQueue",
    "Turn",
    "Word",
]
