"""What people choose from when they say why, with what it is called."""

from config.floor import Language

from .resource import Resource


class ReasonView(Resource):
    """``id`` is what is sent, and what records have."""

    id: str
    labels: dict[Language, str]


class Reasons(Resource):
    """``not_ready``: why agents are; ``mask``: why a recording is silent for a while."""

    not_ready: list[ReasonView]
    mask: list[ReasonView]
