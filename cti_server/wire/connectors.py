"""What is asked of other systems, and how they are."""

from typing import Any

from .resource import Resource


class OperationView(Resource):
    """``parameters``: the JSON Schema of the values."""

    name: str
    parameters: dict[str, Any]


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
    values: dict[str, Any]


class ConnectorAnswer(Resource):
    """What was wanted of the other system's answer; null for what it did not say."""

    answer: dict[str, Any]
