"""How callers fared in flows: the figures of a span of time."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field

from .resource import Resource


class Answers(Resource):
    """How callers answered when they were asked for keys."""

    asked: int
    wrong: int = Field(description="Answered with keys that led nowhere.")
    silent: int = Field(description="Answered with none.")
    invalid_key_rate: float | None = Field(description="wrong / asked.")
    silence_rate: float | None = Field(description="silent / asked.")
    stay_p50: float | None = Field(description="Seconds from coming to leaving; exact.")
    stay_p95: float | None


class Ends(Resource):
    """entered = self_served + voicemail + transferred + abandoned + let_go + failed + inside."""

    entered: int
    self_served: int = Field(
        description="The flow came to an end of its own that serves, or the caller hung up after "
        "having heard to its end what a node with `serves` is there for."
    )
    voicemail: int = Field(description="Left a message, to which an agent is to listen.")
    transferred: int = Field(description="Led to a queue or a number, and not back since.")
    abandoned: int = Field(description="The caller hung up in the menu, and had not been served.")
    let_go: int = Field(description="The flow ended the call, at an end that serves nobody.")
    failed: int = Field(description="Led in a ring, or ended by a fault of ours.")
    inside: int = Field(description="Still in the menu.")
    containment: float | None = Field(description="self_served / entered.")


class FlowFigures(Ends, Answers):
    """A version of a flow, and what became of the walks through it that began in the span."""

    flow: str
    version: int
    channels: Mapping[str, Ends] = Field(description='The same by channel: "voice", "web" …')


class FlowReport(Resource):
    """``until`` is exclusive."""

    since: datetime
    until: datetime
    channels: Mapping[str, Ends] = Field(description="Of all rows together, by channel.")
    rows: list[FlowFigures]


class NodeFigures(Answers):
    """
    A node, in the flow itself or in a ``part`` that it walks through.

    ``left`` by which way how often: a key that leads on by itself, or the name of a route; "queue",
    "transfer" and "hang_up" out of the flow, "into" another one, "back" to the one around it.
    """

    version: int
    part: str
    node: str
    entered: int
    left: Mapping[str, int]
    abandoned: int = Field(description="The caller hung up there.")
    inside: int = Field(description="Callers who are there now.")


class NodeReport(Resource):
    """``until`` is exclusive; nodes that nobody came to are left out."""

    flow: str
    since: datetime
    until: datetime
    rows: list[NodeFigures]
