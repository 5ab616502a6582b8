"""
The steps of a flow. A class is the YAML schema of its node and the node's logic in one.

A new type of node is a class in one of these files and a word in :data:`AnyNode`. A node decides
from its :class:`Turn` alone; it keeps nothing, so one flow serves every call.
"""

from typing import Annotated

from pydantic import Field

from .asking import Collect, LanguageChoice, Menu, Question
from .asking_others import DataLookUp, SystemRequest
from .deciding import CUSTOMER, Assignment, Branch, Opening, Through, WhoCalls
from .leaving import Ending, Return, ToParty, ToQueue
from .messages import RecordMessage, Voicemail
from .node import (
    Back,
    GoTo,
    Into,
    Key,
    Learnt,
    Name,
    Node,
    Option,
    Phrase,
    Place,
    Read,
    Route,
    Step,
    Turn,
    Word,
)
from .promising import CallBack, FaxNode, TicketNode
from .rating import Alarm, Rating
from .speaking import Speech
from .telling import Play

AnyNode = Annotated[
    Play
    | Menu
    | LanguageChoice
    | Collect
    | Speech
    | RecordMessage
    | Voicemail
    | Branch
    | Assignment
    | Opening
    | WhoCalls
    | SystemRequest
    | DataLookUp
    | Through
    | Rating
    | Alarm
    | ToQueue
    | ToParty
    | CallBack
    | TicketNode
    | FaxNode
    | Return
    | Ending,
    Field(discriminator="type"),
]

__all__ = [
    "CUSTOMER",
    "Alarm",
    "AnyNode",
    "Assignment",
    "Back",
    "Branch",
    "CallBack",
    "Collect",
    "DataLookUp",
    "Ending",
    "FaxNode",
    "GoTo",
    "Into",
    "Key",
    "LanguageChoice",
    "Learnt",
    "Menu",
    "Name",
    "Node",
    "Opening",
    "Option",
    "Phrase",
    "Place",
    "Play",
    "Question",
    "Rating",
    "Read",
    "RecordMessage",
    "Return",
    "Route",
    "Speech",
    "Step",
    "SystemRequest",
    "Through",
    "TicketNode",
    "ToParty",
    "ToQueue",
    "Turn",
    "Voicemail",
    "WhoCalls",
    "Word",
]
