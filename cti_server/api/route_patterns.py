"""What the log calls a request by: a path itself may be a secret, as an audio ticket's is."""

from aiohttp import web


def pattern_of(request: web.Request) -> str:
    """The path of its route with the names of what varies; empty where there is no such route."""
    resource = request.match_info.route.resource
    return "" if resource is None else resource.canonical
