"""Why a request was refused."""

from .resource import Resource


class Problem(Resource):
    """RFC 9457: why a request was refused."""

    type: str
    title: str
    status: int
    detail: str
