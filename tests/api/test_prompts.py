"""What callers hear is listed, exported for the studio, and recorded, over HTTP and by command."""

import asyncio
import csv
import io
import wave
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cti_server.api import prompts as api
from cti_server.cli import main
from cti_server.speech.phrases import every_clip
from cti_server.speech.studio import Studio, recording_id
from cti_server.speech.studio_editing import edited
from tests.speech.wavs import wav

from .asking import Answer, Asking, asking, told
from .conftest import Centre

FLOW = """
languages: [zh, en]
start: welcome
prompts:
  welcome: {en: Welcome., zh: 您好。}
  owed:
    en: "You owe {caller_number:phone} for {dialled_number}."
    zh: "您欠款{caller_number:phone}。"
nodes:
  welcome: {type: play, prompt: welcome, then: owed}
  owed: {type: play, prompt: owed, then: desk}
  desk: {type: queue, queue: sales}
"""
WELCOME = recording_id("Welcome.", "en")


async def send(centre: Centre, who: Asking, name: str, body: bytes) -> Answer:
    """A recording of this text."""
    headers = {"Authorization": f"Bearer {who.token}", "Content-Type": "audio/wav"}
    url = f"/api/v1/prompts/{name}/audio"
    answer = await centre.client.put(url, data=body, headers=headers)
    return Answer(answer.status, await answer.json(content_type=None), answer.headers)


async def heard(centre: Centre, who: Asking, name: str) -> bytes:
    """The samples of it."""
    headers = {"Authorization": f"Bearer {who.token}"}
    answer = await centre.client.get(f"/api/v1/prompts/{name}/audio", headers=headers)
    assert (answer.status, answer.content_type) == (200, "audio/wav"), await answer.text()
    with wave.open(io.BytesIO(await answer.read())) as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (1, 8000)
        samples: bytes = sound.readframes(sound.getnframes())
        return samples


async def publish(who: Asking, text: str) -> None:
    version = (await who("GET", "flows/office")).body["version"]
    draft = {"version": version, "main": "office", "texts": {"office": text}}
    answer = await who("POST", "flows/office/publish", draft)
    assert answer.status == 200, answer.body


async def everything(who: Asking, **wanted: str) -> list[Mapping[str, Any]]:
    """All pages, which are small."""
    found, query = list[Mapping[str, Any]](), {"limit": "7", **wanted}
    while True:
        page = (await who("GET", "prompts", **query)).body
        found += page["items"]
        if page["next"] is None:
            return found
        query["after"] = page["next"]


async def test_every_text_is_listed_and_goes_from_the_voice_to_the_studio_and_back(
    centre: Centre, tmp_path: Path
) -> None:
    sun, qian = asking(centre, "sun"), asking(centre, "qian")
    await publish(sun, FLOW)
    rendered = await centre.library.render("Welcome.", "en")
    prices = {
        "resource": "products",
        "columns": [{"column": "id"}],
        "spoken": {"en": "We sell {id:letters}, among others."},
    }
    labels = {"zh": "产品", "en": "Products"}
    query = {"id": "sold", "labels": labels, "definition": prices}
    assert (await sun("POST", "saved-queries", query)).status == 201

    said = await everything(sun)
    assert len(said) == len({one["id"] for one in said})
    used = {(one["language"], one["text"]): one for one in said}
    assert used["en", "Welcome."] == {
        "id": WELCOME,
        "language": "en",
        "text": "Welcome.",
        "used_by": ["flow office: welcome"],
        "source": "voice",
    }
    assert {one["id"] for one in await everything(sun, text="WELCOME.")} == {WELCOME}
    owed = await everything(sun, text="office: Owed", language="en")
    assert [one["text"] for one in owed] == ["You owe,", "for,"]
    assert used["zh", "您欠款，"]["used_by"] == ["flow office: owed"]
    assert used["en", "You owe,"]["source"] == "none"
    assert used["en", "Hello."]["used_by"] == ["tier gold: greeting"]
    for piece in ("We sell,", "among others."):
        assert used["en", piece]["used_by"] == ["query sold: read out"]
    clips = {text for (language, text), one in used.items() if "announcements" in one["used_by"]}
    assert clips == set(every_clip("en"))

    by_voice = await heard(centre, sun, WELCOME)
    made = await send(centre, sun, WELCOME, wav(rate=44100, channels=2))
    assert (made.status, made.body["source"]) == (200, "studio"), made.body
    by_person = await heard(centre, sun, WELCOME)
    assert by_person != by_voice
    assert centre.library.studio.heard(rendered).read_bytes() == edited(wav(rate=44100, channels=2))
    missing = await everything(sun, missing="true", language="en")
    assert {one["language"] for one in missing} == {"en"}
    assert WELCOME not in {one["id"] for one in missing}
    assert [one["id"] for one in await everything(sun, missing="false")] == [WELCOME]

    await publish(sun, FLOW.replace("welcome:", "hello:").replace("welcome", "hello"))
    shown = (await sun("GET", f"prompts/{WELCOME}")).body
    assert (shown["source"], shown["used_by"]) == ("studio", ["flow office: hello"])
    assert Studio(tmp_path / "studio").find(WELCOME) is not None  # as a restart finds it

    assert (await sun("DELETE", f"prompts/{WELCOME}/audio")).status == 204
    assert await heard(centre, sun, WELCOME) == by_voice
    assert (await sun("DELETE", f"prompts/{WELCOME}/audio")).status == 404
    assert await told(centre, record="prompt") == [
        ("sun", "recorded", "prompt", WELCOME),
        ("sun", "withdrawn", "prompt", WELCOME),
    ]
    assert (await qian("GET", "prompts")).status == 403
    assert (await send(centre, asking(centre, "zhao"), WELCOME, wav())).status == 403


async def test_what_is_no_recording_is_refused_with_the_reason_and_the_voice_goes_on(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    sun = asking(centre, "sun")
    await publish(sun, FLOW)
    for body, wrong in (
        (b"ID3\x04 an MP3 file", "this is not a WAV file"),
        (b"", "this is not a WAV file"),
        (wav(rate=4000, seconds=121), "121 seconds (at most 120 can be played)"),
    ):
        answer = await send(centre, sun, WELCOME, body)
        assert (answer.status, answer.kind) == (422, "SoundInvalid")
        assert answer.body["detail"] == wrong
    monkeypatch.setattr(api, "LARGEST", 1000)
    answer = await send(centre, sun, WELCOME, wav())
    assert (answer.status, answer.body["detail"]) == (422, "body: larger than 1000 bytes")
    unknown = await send(centre, sun, "f" * 32, wav())
    assert (unknown.status, unknown.kind) == (404, "UnknownRecord")
    assert (await sun("GET", f"prompts/{WELCOME}/audio")).status == 404  # nobody has said it yet
    assert (await sun("GET", "prompts", after="nowhere")).status == 422
    assert centre.library.studio.find(WELCOME) is None
    assert await told(centre, record="prompt") == []


async def test_texts_go_to_the_studio_and_recordings_come_back_on_the_command_line(
    centre: Centre, tmp_path: Path
) -> None:
    sun = asking(centre, "sun")
    await publish(sun, FLOW)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    wanted = {"name": "studio", "scopes": ["routing.manage"], "expires_at": tomorrow}
    key = (await sun("POST", "api-keys", wanted)).body["key"]
    options = ("--server", str(centre.client.make_url("")), "--key", key)

    async def hotline(*words: str) -> tuple[int, list[str]]:
        done = await asyncio.to_thread(CliRunner().invoke, main, ["prompts", *words, *options])
        said = [line for line in done.output.splitlines() if "[0m" not in line]  # the server's
        return done.exit_code, said

    code, listed = await hotline("list", "--language", "zh")
    assert (code, len(listed)) == (0, 2)
    assert listed[1].split("\t")[1:] == ["zh", "none", "您好。"]
    table = tmp_path / "texts.csv"
    code, said = await hotline("export", str(table), "--missing")
    everyone = len(every_clip("en")) + 1 + 3 + 2  # the greeting, and of the flow in each language
    assert (code, said) == (0, [f"{table}: {everyone} texts"])
    assert table.read_bytes().startswith(b"\xef\xbb\xbf")
    with table.open(encoding="utf-8-sig", newline="") as opened:
        rows = {row["text"]: row for row in csv.DictReader(opened)}
    assert rows["您好。"]["used by"] == "flow office: welcome"

    studio = tmp_path / "delivered"
    studio.mkdir()
    assert (await hotline("import", str(studio)))[0] == 1
    for text, name in (("Welcome.", "wav"), ("您好。", "WAV")):
        (studio / f"{rows[text]['id']}.{name}").write_bytes(wav(rate=48000))
    assert await hotline("import", str(studio)) == (
        0,
        [
            f"{file.name}: {'Welcome.' if file.stem == WELCOME else '您好。'}"
            for file in sorted(studio.iterdir())
        ],
    )
    (studio / f"{WELCOME}.wav").write_bytes(b"no sound")
    (studio / "take 2.wav").write_bytes(wav())
    (studio / "notes.txt").write_text("not for import")
    code, said = await hotline("import", str(studio))
    assert (code, len(said)) == (1, 3)
    assert f"{WELCOME}.wav: refused: this is not a WAV file" in said
    assert "take 2.wav: refused: there is no prompt 'take 2'" in said
    code, missing = await hotline("list", "--missing")
    assert (code, len(missing)) == (0, everyone - 2)
    assert await hotline("list", "--missing", "--language", "zh") == (0, [listed[0]])
