"""The page by which others write programs has the names that the server has, and all of them."""

import re
import runpy
from pathlib import Path
from typing import Any, get_args

from aiohttp import WSCloseCode
from msgspec.structs import fields

from cti_server.api import incoming, stream
from cti_server.api.server import ROUTES
from cti_server.wire.events import Event
from cti_server.wire.stream import Hello

from .cti_page import PAGE, first_column, table, ways

WIRE = runpy.run_path(str(Path(__file__).parent.parent / "scripts" / "write_wire.py"))
FUNCTIONS = {
    "data matching",
    "intelligent outdial",
    "call monitoring",
    "screen management",
    "voice services",
}
DESCRIBED = {"GET /api/v1/openapi.json"}  # the page of the routes, which is none of them


def tags(kinds: Any) -> set[str]:
    return {str(kind.__struct_config__.tag) for kind in kinds}


def test_the_hellos_fields_the_messages_and_the_commands_are_all_there_and_no_others() -> None:
    assert first_column("field of the hello") == {field.name for field in fields(Hello)}
    assert first_column("message") == tags(WIRE["TOLD"])
    assert first_column("command") == tags(kind for kind in WIRE["SAID"] if kind is not Hello)


def test_a_commands_fields_are_those_that_it_takes() -> None:
    kinds = {str(kind.__struct_config__.tag): kind for kind in WIRE["SAID"] if kind is not Hello}
    phone = {"take_audio", "health", "check_path", "media", "accept", "hang_up"}  # told in words
    for names, told in table("command"):
        for name in set(re.findall(r"`(\w+)`", names)) - phone:
            takes = {field.name for field in fields(kinds[name])} - {"request"}
            assert takes <= set(re.findall(r"`(\w+)`", told)), name


def test_the_codes_with_which_a_stream_ends_are_the_servers() -> None:
    assert {int(row[0]) for row in table("code")} == {
        stream.REPLACED,
        stream.BAD_MESSAGE,
        stream.NOT_LOGGED_IN,
        stream.FELL_BEHIND,
        stream.EVENTS_UNAVAILABLE,
        incoming.TOO_MANY_MESSAGES,
        WSCloseCode.MESSAGE_TOO_BIG,
    }


def test_every_route_of_the_page_is_one() -> None:
    routes = {f"{route.method} {route.path}" for route in ROUTES}
    written = set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /[^`\s]*)`", PAGE))

    assert len(written) > 20
    assert written - routes == DESCRIBED


def test_each_of_the_five_functions_has_verbs_and_what_they_are_told_by() -> None:
    events, messages = tags(get_args(Event)), tags(WIRE["TOLD"])
    commands = tags(WIRE["SAID"])
    found = ways()

    assert {way.function for way in found} == FUNCTIONS
    for function in FUNCTIONS:
        assert any(way.verbs and way.told_by & events for way in found if way.function == function)
    for way in found:
        assert way.commands <= commands
        assert way.told_by <= events | messages
