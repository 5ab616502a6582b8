"""Every table there is, so that one import knows the whole schema."""

from .agent_states import AgentStatePeriod, AgentStatus
from .agents import Agent, SipAccount
from .base import Base
from .bindings import SipBinding
from .call_backs import CallBack
from .calls import Call, Leg
from .changes import UnloggedChange
from .contacts import Contact, ContactCustomer
from .customers import Customer, CustomerNumber
from .interactions import Interaction
from .recordings import Recording
from .segments import Segment
from .stored_events import StoredEvent

__all__ = [
    "Agent",
    "AgentStatePeriod",
    "AgentStatus",
    "Base",
    "Call",
    "CallBack",
    "Contact",
    "ContactCustomer",
    "Customer",
    "CustomerNumber",
    "Interaction",
    "Leg",
    "Recording",
    "Segment",
    "SipAccount",
    "SipBinding",
    "StoredEvent",
    "UnloggedChange",
]
