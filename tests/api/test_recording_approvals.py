"""Four eyes: nobody alone takes recordings away, lifts a hold or hears an original."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.recording import ProtectionSettings, RecordingSettings
from crm.erasure import Likeness, Subject
from cti_server.store.recording_approvals import RecordingApproval, RecordingApprovals
from recording.four_eyes import WAITS
from recording.stereo import wav_header
from tests.fakes.databases import database_url, postgres, postgres_url

from .asking import Answer, Asking, asking, told
from .conftest import PASSWORD, Centre, opened
from .test_keys import made as key_made
from .test_recording_exports import confirmed, keep, taken
from .test_rest import CALL, log_all

__all__ = ["database_url", "postgres", "postgres_url"]

PATH = "recording-approvals"
NUMBER = "+8613800138000"
OF_SALES = {"reason": "the court asks", "export": {"format": "csv", "search": {"queue": "sales"}}}
STRICT = RecordingSettings(
    protection=ProtectionSettings(four_eyes=("export", "lift_hold", "play_original"))
)


@pytest.fixture
async def centre(tmp_path: Path, database_url: str) -> AsyncIterator[Centre]:
    async with opened(tmp_path, recording=STRICT, database_url=database_url) as it:
        await log_all(it, CALL[:-1])
        await keep(it, "r1", wav_header("PCMU", 800) + bytes(1600), duration=0.1)
        yield it


async def asked(who: Asking, **wanted: Any) -> dict[str, Any]:
    answer = await who("POST", PATH, wanted)
    assert answer.status == 201, answer.body
    body: dict[str, Any] = answer.body
    return body


async def decided(
    centre: Centre, one: dict[str, Any], who: str = "qian", *, approve: bool = True
) -> Answer:
    decision = {"approve": approve, "reason": "as the law has it"}
    return await asking(centre, who)("POST", f"{PATH}/{one['id']}/decision", decision)


async def kind_of(centre: Centre, who: Asking, **search: Any) -> tuple[int, str]:
    status, body = await taken(centre, who, "csv", **search)
    return status, body.decode()


async def listed(centre: Centre, who: str) -> list[tuple[str, str]]:
    page = (await asking(centre, who)("GET", PATH)).body
    return [(each["id"], each["state"]) for each in page["items"]]


async def test_an_export_needs_somebody_else_and_is_done_once(centre: Centre) -> None:
    zhao = await confirmed(centre, "zhao")
    status, problem = await kind_of(centre, zhao, queue="sales")
    assert (status, "ApprovalNeeded" in problem, "export" in problem) == (403, True, True)

    one = await asked(zhao, **OF_SALES)

    assert (one["state"], one["asked_by"], one["valid_until"]) == ("waiting", "zhao", None)
    assert (await kind_of(centre, zhao, queue="sales"))[0] == 403
    assert (await decided(centre, one, "zhao")).kind == "NotBySomebodyElse"
    approved = await decided(centre, one)
    assert (approved.status, approved.body["state"]) == (200, "approved")
    assert (approved.body["decided_by"], approved.body["decision_reason"]) == (
        *("qian", "as the law has it"),
    )
    assert (await kind_of(centre, zhao, agent_id="li"))[0] == 403  # another search
    assert (await kind_of(centre, await confirmed(centre, "huang"), queue="sales"))[0] == 403
    assert (await kind_of(centre, zhao, queue="sales"))[0] == 200
    assert (await kind_of(centre, zhao, queue="sales"))[0] == 403
    assert await listed(centre, "zhao") == [(one["id"], "used")]
    trail = await told(centre, record="recording_approval")
    assert [each[:2] for each in trail] == [
        ("zhao", "asked"), ("qian", "approved"), ("zhao", "used"),
    ]  # fmt: skip


async def test_of_two_exports_at_once_by_one_approval_one_is_done(centre: Centre) -> None:
    zhao = await confirmed(centre, "zhao")
    await decided(centre, await asked(zhao, **OF_SALES))

    answers = await asyncio.gather(*(kind_of(centre, zhao, queue="sales") for _ in range(2)))

    statuses = sorted(status for status, _ in answers)
    assert statuses[0] == 200
    assert statuses[1] in {403, 409}  # it came later, or at the same moment


async def test_what_was_refused_or_decided_is_not_decided_again(centre: Centre) -> None:
    zhao = await confirmed(centre, "zhao")
    one = await asked(zhao, **OF_SALES)

    refused = await decided(centre, one, approve=False)

    assert refused.body["state"] == "refused"
    assert (await decided(centre, one, "huang")).kind == "NotNow"
    assert (await kind_of(centre, zhao, queue="sales"))[0] == 403
    assert (await decided(centre, {"id": "nothing"})).status == 404
    for who in ("li", "sun"):
        assert (await decided(centre, one, who)).status == 403


async def test_approvals_and_questions_grow_old(centre: Centre) -> None:
    zhao = await confirmed(centre, "zhao")
    waiting, approved = await asked(zhao, **OF_SALES), await asked(zhao, **OF_SALES)
    await decided(centre, approved)
    async with centre.parts.database.sessions.begin() as session:
        for one in (waiting, approved):
            row = await session.get_one(RecordingApproval, one["id"])
            row.created_at -= WAITS
            if row.valid_until is not None:
                row.valid_until -= timedelta(hours=1)

    assert {state for _, state in await listed(centre, "qian")} == {"expired"}
    assert (await decided(centre, waiting)).kind == "NotNow"
    assert (await kind_of(centre, zhao, queue="sales"))[0] == 403


async def test_a_hold_is_lifted_by_two(centre: Centre) -> None:
    sun = asking(centre, "sun")
    wanted = {"record": "recording", "record_id": "r1", "reason": "a court asks"}
    hold = await sun("POST", "legal-holds", wanted)
    assert hold.status == 201, hold.body
    path = f"legal-holds/{hold.body['id']}"

    assert (await sun("DELETE", path)).kind == "ApprovalNeeded"
    one = await asked(sun, reason="it is over", hold_id=hold.body["id"])
    assert (await decided(centre, one)).status == 200
    lifted = await sun("DELETE", path)
    assert (lifted.status, lifted.body["in_force"]) == (200, False)
    other = await sun("POST", PATH, {"reason": "x", "hold_id": "nothing"})
    assert other.status == 404


async def test_an_original_is_heard_as_often_as_one_likes_while_it_is_approved(
    centre: Centre,
) -> None:
    zhao, path = asking(centre, "zhao"), "/api/v1/recordings/r1/audio?original=true"
    cut = {"kind": "cut", "from_ms": 0, "to_ms": 50, "reason": "a name"}
    await zhao("PUT", "recordings/r1/edits", {"version": 0, "edits": [cut]})

    async def heard() -> int:
        headers = {"Authorization": f"Bearer {zhao.token}"}
        return (await centre.client.get(path, headers=headers)).status

    assert await heard() == 403
    one = await asked(zhao, reason="who said it", recording_id="r1")
    assert await heard() == 403
    await decided(centre, one)
    assert [await heard() for _ in range(3)] == [200, 200, 200]
    assert (await zhao("POST", PATH, {"reason": "x", "recording_id": "r9"})).status == 404


async def test_edits_are_not_taken_back_by_one_alone(centre: Centre) -> None:
    """What was made silent would be heard by everybody then."""
    zhao = asking(centre, "zhao")

    async def edited(version: int, *spans: tuple[int, int]) -> Answer:
        edits = [
            {"kind": "redact", "from_ms": begins, "to_ms": ends, "reason": "a name"}
            for begins, ends in spans
        ]
        return await zhao("PUT", "recordings/r1/edits", {"version": version, "edits": edits})

    assert (await edited(0, (0, 50))).status == 200
    assert (await edited(1, (0, 80))).status == 200  # less is heard
    assert (await edited(2, (0, 79))).kind == "ApprovalNeeded"
    assert (await edited(2)).kind == "ApprovalNeeded"
    assert (await edited(1)).kind == "EditConflict"
    await decided(centre, await asked(zhao, reason="who said it", recording_id="r1"))
    assert (await edited(2)).status == 200


async def test_a_merge_is_approved_as_it_is(centre: Centre) -> None:
    zhao = await confirmed(centre, "zhao")
    wanted = {"name": "one", "parts": [{"recording_id": "r1"}]}
    merge = (await zhao("POST", "recording-merges", wanted)).body
    path = f"/api/v1/recording-merges/{merge['id']}/exports"
    headers = {"Authorization": f"Bearer {zhao.token}"}
    await decided(centre, await asked(zhao, reason="x", merge_id=merge["id"]))
    changed = wanted | {"name": "other", "version": merge["version"]}
    assert (await zhao("PUT", f"recording-merges/{merge['id']}", changed)).status == 200

    assert (await centre.client.post(path, headers=headers)).status == 403
    await decided(centre, await asked(zhao, reason="x", merge_id=merge["id"]))
    assert (await centre.client.post(path, headers=headers)).status == 200


async def test_who_made_a_key_does_not_approve_what_it_asks_for(centre: Centre) -> None:
    made = await key_made(centre, "recordings.play", "recordings.play_original")
    key = Asking(centre, made.body["key"])

    one = await asked(key, reason="x", recording_id="r1")

    assert (one["asked_by"], one["person_id"]) == (f"key:{made.body['made']['id']}", "sun")
    async with centre.parts.database.sessions.begin() as session:
        row = await session.get_one(RecordingApproval, one["id"])
        row.person_id = "qian"  # as if they had made it
    assert (await decided(centre, one)).kind == "NotBySomebodyElse"
    assert (await decided(centre, one, "zhao")).status == 200


async def test_who_made_the_key_that_made_the_key_does_not_approve_either(centre: Centre) -> None:
    scopes = ("keys.manage", "recordings.play", "recordings.play_original")
    first = Asking(centre, (await key_made(centre, *scopes)).body["key"])
    until = (centre.parts.clock.now() + timedelta(days=30)).isoformat()
    wanted = {"name": "another", "scopes": list(scopes[1:]), "expires_at": until}
    second = Asking(centre, (await first("POST", "api-keys", wanted)).body["key"])

    one = await asked(second, reason="x", recording_id="r1")

    assert one["person_id"] == "sun"


async def test_each_sees_their_own_and_who_approves_all_with_numbers_as_they_may_see_them(
    centre: Centre,
) -> None:
    search = {"number": "138 0013 8000"}
    one = await asked(
        asking(centre, "zhao"), reason="x", export={"format": "zip", "search": search}
    )
    assert one["about"]["search"]["number"] == NUMBER

    [shown] = (await asking(centre, "qian")("GET", PATH)).body["items"]
    assert shown["about"]["search"]["number"] == "*" * 10 + "8000"
    assert await listed(centre, "sun") == [(one["id"], "waiting")]  # the audit trail has it, too
    assert (await asking(centre, "li")("GET", PATH)).status == 403


async def test_what_names_a_person_who_is_erased_is_emptied_and_good_for_nothing(
    centre: Centre,
) -> None:
    zhao = await confirmed(centre, "zhao")
    wanted = {"format": "csv", "search": {"number": NUMBER}}
    one = await asked(zhao, reason="x", export=wanted)
    await decided(centre, one)
    other = await asked(zhao, **OF_SALES)
    subject = Subject(customer_ids=["c1"], numbers=[("international", NUMBER)])

    async with centre.parts.database.sessions.begin() as session:
        likeness = Likeness(subject, "CN")
        assert await RecordingApprovals(session).forget(likeness.in_text) == 1

    items = {each["id"]: each for each in (await zhao("GET", PATH)).body["items"]}
    assert (items[one["id"]]["about"], items[one["id"]]["reason"]) == ({}, "")
    assert items[other["id"]]["about"] == {"format": "csv", "search": {
        "queue": "sales", "state": "stored",
    }}  # fmt: skip
    assert (await kind_of(centre, zhao, number=NUMBER))[0] == 403


@pytest.mark.parametrize(
    ("wanted", "status", "named"),
    [
        ({"reason": "x"}, 422, "export"),
        ({"reason": "x", "hold_id": "h", "recording_id": "r1"}, 422, "export"),
        ({"reason": " ", "recording_id": "r1"}, 422, "reason"),
        ({"reason": "x", "export": {"format": "mp3", "search": {}}}, 422, "export.format"),
        ({"reason": "x", "hold_id": "h"}, 403, "retention.manage"),
        ({"reason": "x", "merge_id": "m"}, 404, "recording_merge"),
    ],
)
async def test_nonsense_and_what_they_may_not_do_is_refused(
    centre: Centre, wanted: dict[str, Any], status: int, named: str
) -> None:
    refused = await asking(centre, "zhao")("POST", PATH, wanted)

    assert (refused.status, named in refused.body["detail"]) == (status, True)


async def test_where_nobody_has_to_approve_nothing_is_asked(tmp_path: Path) -> None:
    async with opened(tmp_path) as centre:
        refused = await asking(centre, "zhao")("POST", PATH, OF_SALES)

        assert (refused.status, "recording.protection.four_eyes" in refused.body["detail"]) == (
            *(409, True),
        )
        assert (await kind_of(centre, await confirmed(centre, "zhao")))[0] == 200


@pytest.mark.parametrize("asked_of", ["confirm_play_roles", "confirm_play_queues"])
async def test_the_password_is_asked_of_some_roles_and_for_some_queues(
    tmp_path: Path, asked_of: str
) -> None:
    some: dict[str, Any] = {
        "confirm_play_roles": ["auditor"], "confirm_play_queues": ["desk"],
    }  # fmt: skip
    strict = ProtectionSettings.model_validate({asked_of: some[asked_of]})
    async with opened(tmp_path, recording=RecordingSettings(protection=strict)) as centre:
        for name, queue in (("r1", "sales"), ("r2", "desk")):
            await keep(centre, name, b"RIFF" + bytes(99), queue=queue)

        async def heard(who: str, recording_id: str, *, proof: bool = False) -> int:
            it = asking(centre, who)
            if proof:
                wanted = {"purpose": "recordings.play", "password": PASSWORD}
                assert (await it("POST", "account/confirmations", wanted)).status == 201
            headers = {"Authorization": f"Bearer {it.token}"}
            path = f"/api/v1/recordings/{recording_id}/audio"
            return (await centre.client.get(path, headers=headers)).status

        found = {
            (who, one): await heard(who, one) for who in ("zhao", "qian") for one in ("r1", "r2")
        }
        if asked_of == "confirm_play_roles":
            assert found == {
                ("zhao", "r1"): 200, ("zhao", "r2"): 200,
                ("qian", "r1"): 403, ("qian", "r2"): 403,
            }  # fmt: skip
        else:
            assert found == {
                ("zhao", "r1"): 200, ("zhao", "r2"): 403,
                ("qian", "r1"): 200, ("qian", "r2"): 403,
            }  # fmt: skip
        assert await heard("qian", "r2", proof=True) == 200
