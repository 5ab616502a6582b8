"""Writes what the desktop's types are made of: the API's page, and the stream's messages."""

import json
import sys
from pathlib import Path
from typing import Any, get_args

import msgspec

from cti_server.api.server import openapi_page
from cti_server.wire import call_verbs, channels, phone, stream, waiting, web_calls

TOLD = (
    *(stream.Snapshot, stream.Delta, stream.ScreenChanged, stream.Pulse),
    *(stream.FiguresShown, stream.FiguresChanged),
    *(channels.ChannelsShown, channels.ChannelsChanged, channels.ChannelLevels),
    *(waiting.WaitingShown, waiting.WaitingChanged),
    *(stream.AlertsShown, stream.AlertsChanged),
    *(phone.Ring, phone.Answer, phone.Connected, phone.MediaLost, phone.MediaBack, phone.Ended),
    *(phone.AudioMoved, phone.Done, phone.Placed, phone.Refused),
)
SAID = (
    *(stream.Hello, phone.TakeAudio, phone.Health, phone.CheckPath, phone.Media),
    *(phone.Accept, phone.HangUp, call_verbs.Dial, *get_args(call_verbs.CallVerb)),
)
CALLED = get_args(web_calls.WebCallTold)
CALLS = (web_calls.WebCallBegin, *get_args(web_calls.WebCallSaid))
"""Of a page that calls: another socket."""


def stream_page() -> str:
    """Components in the form of OpenAPI, for one tool makes types of both."""
    _, schemas = msgspec.json.schema_components(
        [*TOLD, *SAID, *CALLED, *CALLS], ref_template="#/components/schemas/{name}"
    )
    said = {kind.__name__ for kind in (*SAID, *CALLS)}
    for name in schemas.keys() - said:  # who is told gets every field
        if "properties" in schemas[name]:
            schemas[name]["required"] = list(schemas[name]["properties"])
    unions = {"Told": TOLD, "Said": SAID, "WebCallTold": CALLED, "WebCallSaid": CALLS}
    for name, kinds in unions.items():
        schemas[name] = {"anyOf": [_ref(kind) for kind in kinds]}
    page = {"openapi": "3.1.0", "info": {"title": "Hotline's stream", "version": "built"}}
    return json.dumps({**page, "paths": {}, "components": {"schemas": schemas}})


def _ref(kind: type[Any]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "openapi.json").write_text(openapi_page("built"), encoding="utf-8")
    (folder / "stream.json").write_text(stream_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
