"""What is asked of other systems, and how they are."""

from typing import Any

from .resource import Identifier, Resource


class OperationView(Resource):
    """``parameters``: the JSON Schema of the values."""

    name: str
    parameters: dict[str, Any]
    tells_risk: bool


class ConnectorView(Resource):
    """
    Counts are since the server's start. ``failure`` is why the last attempt failed, if it did;
    ``resting``: it is left alone for the moment. ``elapsed``: seconds of the last answer.
    """

    name: str
    kind: str
    operations: list[OperationView]
    asked: int
    refused: int
    failed: int
    spared: int
    resting: bool
    failure: str | None
    elapsed: float | None


class ConnectorCall(Resource):
    """``ticket_id``: the ticket that is marked if the answer says that there is a risk."""

    values: dict[str, Any]
    ticket_id: Identifier | None = None


class ConnectorAnswer(Resource):
    """What was wanted of the other system's answer; null for what it did not say."""

    answer: dict[str, Any]
