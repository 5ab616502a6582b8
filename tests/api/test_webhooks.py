"""Webhooks at a real target: in order, signed, tried again, given up, and nobody waits for them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from config.webhooks import WebhookSettings
from cti_server.store.webhooks import WebhookProgress
from cti_server.webhooks import attempts, courier
from cti_server.webhooks.attempts import MOST
from cti_server.webhooks.courier import Courier
from cti_server.webhooks.couriers import Couriers
from cti_server.webhooks.target import NotTaken
from cti_server.webhooks.target import Target as Delivery
from cti_server.wire.events import RecordChanged
from tests.store.logs import node

from .asking import Asking, asking, told
from .conftest import Centre, opened
from .targets import Target, listening, signed_by


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    async with listening() as target:
        yield target


@asynccontextmanager
async def running(centre: Centre) -> AsyncIterator[Couriers]:
    centre.parts.webhooks.start()
    try:
        yield centre.parts.webhooks
    finally:
        await centre.parts.webhooks.close()


async def hook(sun: Asking, target: Target, *names: str) -> Any:
    made = await sun("POST", "webhooks", {"url": target.url, "names": list(names) or ["contact.*"]})
    assert made.status == 201, made.body
    return made.body


async def until(condition: Any) -> Any:
    """Wait, ten seconds at most, for what a courier brings about; the condition may be awaited."""
    async with asyncio.timeout(30):
        while True:
            found = condition()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return found
            later = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_later(0.01, later.set_result, None)
            await later


async def tried_again(couriers: Couriers, sun: Asking, webhook_id: str) -> str:
    """Let the moment come at which the next attempt is due; why it is needed."""

    async def why() -> str | None:
        body = (await sun("GET", f"webhooks/{webhook_id}")).body
        return None if body["next_at"] is None else body["failure"]

    failure: str = await until(why)
    due = await couriers.earliest()
    assert due is not None
    await couriers.do(due)
    return failure


async def test_events_arrive_in_order_signed_and_only_those_that_are_wanted(
    centre: Centre, target: Target
) -> None:
    sun = asking(centre, "sun")
    async with running(centre):
        made = await hook(sun, target, "contact.node_entered", "ticket.created")
        for n in range(30):
            centre.parts.log.append(node(n))
            centre.parts.log.append(
                RecordChanged(
                    change_id=f"c{n}",
                    record="ticket",
                    record_id="t1",
                    action="created" if n == 29 else "updated",
                    changed_by="li",
                )
            )
        await until(lambda: len(target.received) == 31)

    assert [headers["webhook-id"] for headers, _ in target.received] == sorted(
        set(target.ids), key=lambda each: int(each.removeprefix("evt_"))
    )
    assert '"record":"ticket"' in target.received[-1][1]
    assert all(signed_by(made["secret"], *each) for each in target.received)
    view = (await sun("GET", f"webhooks/{made['made']['id']}")).body
    assert view["failure"] is None
    assert f"evt_{view['position']}" >= target.ids[-1]


async def test_what_fails_comes_again_before_what_came_after_it(
    centre: Centre, target: Target
) -> None:
    sun = asking(centre, "sun")
    target.answers = [500, 302, "drop"]
    async with running(centre) as couriers:
        webhook_id = (await hook(sun, target))["made"]["id"]
        for n in range(3):
            centre.parts.log.append(node(n))
        reasons = [await tried_again(couriers, sun, webhook_id) for _ in range(3)]
        await until(lambda: len(target.received) == 6)

    assert target.nodes == ["0", "0", "0", "0", "1", "2"]
    assert len(set(target.ids)) == 3
    assert reasons[:2] == ["answered 500", "answered 302"]  # a redirect is not followed


async def test_a_target_that_hangs_or_babbles_holds_up_nobody_else(
    centre: Centre, target: Target
) -> None:
    sun = asking(centre, "sun")
    target.usual = "hang"
    async with listening() as babbling, listening() as good, running(centre):
        babbling.usual = "babble"
        hanging = (await hook(sun, target))["made"]["id"]
        await hook(sun, babbling)
        await hook(sun, good)
        for n in range(20):
            centre.parts.log.append(node(n))
        await until(lambda: len(good.received) == len(babbling.received) == 20 and target.received)
        seen_by_then = len(target.received)

        async def failed() -> bool:
            view = await sun("GET", f"webhooks/{hanging}")
            return bool(view.body["failure"] == "no answer in time")

        await until(failed)

    assert seen_by_then == 1
    assert good.nodes == babbling.nodes == [str(n) for n in range(20)]


async def test_what_is_given_up_is_a_dead_letter_that_can_be_sent_again(
    centre: Centre, target: Target
) -> None:
    sun = asking(centre, "sun")
    target.answers = [500]
    async with running(centre) as couriers:
        made = await hook(sun, target)
        webhook_id = made["made"]["id"]
        centre.parts.log.append(node(1))
        await until(lambda: target.received)
        await couriers.close()
        async with centre.parts.database.sessions.begin() as session:
            await session.execute(update(WebhookProgress).values(attempts=MOST - 1, next_at=None))
        target.answers = [503]
        couriers.start()
        await until(lambda: len(target.received) == 2)
        centre.parts.log.append(node(2))
        await until(lambda: len(target.received) == 3)

    letters = (await sun("GET", f"webhooks/{webhook_id}/dead-letters")).body["items"]
    assert [(each["failure"], each["attempts"]) for each in letters] == [("answered 503", MOST)]
    again = f"webhooks/{webhook_id}/dead-letters/{letters[0]['sequence']}/resend"
    target.answers = [500]
    refused = await sun("POST", again)
    taken = await sun("POST", again)
    assert (refused.body["failure"], refused.body["delivered_at"]) == ("answered 500", None)
    assert taken.body["delivered_at"] is not None
    assert target.nodes == ["1", "1", "2", "1", "1"]
    assert target.ids[-1] == target.ids[0] == letters[0]["message_id"]
    assert signed_by(made["secret"], *target.received[-1])


async def test_a_target_that_is_gone_disables_its_webhook_and_enabled_it_goes_on_where_it_was(
    centre: Centre, target: Target
) -> None:
    sun = asking(centre, "sun")
    target.answers = [410]
    async with running(centre):
        webhook_id = (await hook(sun, target))["made"]["id"]
        for n in range(2):
            centre.parts.log.append(node(n))

        async def disabled() -> Any:
            view = (await sun("GET", f"webhooks/{webhook_id}")).body
            return None if view["enabled"] else view

        view = await until(disabled)
        enabled = await sun(
            "PATCH", f"webhooks/{webhook_id}", {"version": view["version"], "enabled": True}
        )
        await until(lambda: len(target.received) == 3)

    assert "410" in view["disabled_reason"]
    assert (enabled.body["enabled"], enabled.body["disabled_reason"]) == (True, None)
    assert target.nodes == ["0", "0", "1"]
    assert ("system", "disabled", "webhook", webhook_id) in await told(centre, record="webhook")


async def test_what_happened_while_the_server_was_down_is_delivered_at_the_next_start(
    centre: Centre, target: Target
) -> None:
    sun = asking(centre, "sun")
    async with running(centre):
        await hook(sun, target)
        centre.parts.log.append(node(1))
        await until(lambda: len(target.received) == 1)
    for n in (2, 3):
        centre.parts.log.append(node(n))
    async with running(centre):
        await until(lambda: len(target.received) == 3)

    assert target.nodes == ["1", "2", "3"]


async def test_without_leave_a_webhook_leads_to_public_addresses_over_tls_alone(
    tmp_path: Path, target: Target
) -> None:
    usual = WebhookSettings(timeout=timedelta(seconds=5))
    async with opened(tmp_path, webhooks=usual) as centre, running(centre):
        sun = asking(centre, "sun")
        refused = [
            await sun("POST", "webhooks", {"url": url, "names": ["*"]})
            for url in (
                *(target.url, "https://127.0.0.1/x", "https://[::1]/x", "https://10.0.0.8/x"),
                *("https://a:b@example.com/", "ftp://example.com/", "https://"),
            )
        ]
        by_name = await sun(
            "POST", "webhooks", {"url": "https://localhost/x", "names": ["contact.*"]}
        )
        centre.parts.log.append(node(1))

        async def failure() -> Any:
            view = await sun("GET", f"webhooks/{by_name.body['made']['id']}")
            return view.body["failure"]

        reason = await until(failure)

    assert [answer.status for answer in refused] == [422] * 7
    assert reason == "its addresses are not public"
    assert not target.received


async def test_a_secret_is_replaced_without_a_receiver_missing_anything(
    centre: Centre, target: Target
) -> None:
    sun = asking(centre, "sun")
    async with running(centre):
        made = await hook(sun, target)
        path = f"webhooks/{made['made']['id']}"
        centre.parts.log.append(node(0))
        await until(lambda: len(target.received) == 1)
        both = await sun("POST", f"{path}/rotate-secret", {"version": 1, "overlap": 3600})
        late = await sun("POST", f"{path}/rotate-secret", {"version": 1})
        centre.parts.log.append(node(1))
        await until(lambda: len(target.received) == 2)
        at_once = await sun("POST", f"{path}/rotate-secret", {"version": 2, "overlap": 0})
        centre.parts.log.append(node(2))
        await until(lambda: len(target.received) == 3)

    keys = [made["secret"], both.body["secret"], at_once.body["secret"]]
    signed = [[signed_by(key, *each) for key in keys] for each in target.received]
    assert signed == [[True, False, False], [True, True, False], [False, False, True]]
    assert late.status == 409
    assert both.body["made"]["previous_secret_until"] is not None
    assert at_once.body["made"]["previous_secret_until"] is None
    assert ("sun", "secret_rotated", "webhook", made["made"]["id"]) in await told(
        centre, record="webhook"
    )


async def test_a_target_that_says_when_it_wants_to_be_asked_again_is_left_alone_until_then(
    centre: Centre, target: Target
) -> None:
    sun = asking(centre, "sun")
    target.answers, target.retry_after = [503], "600"
    async with running(centre) as couriers:
        await hook(sun, target)
        began = centre.parts.clock.now()
        centre.parts.log.append(node(0))
        due = await until(couriers.earliest)

    assert timedelta(minutes=10) <= due - began < timedelta(minutes=11)


async def test_a_courier_goes_on_by_itself_when_the_database_could_not_be_told_of_the_next_attempt(
    centre: Centre, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "FIRST_WAIT", timedelta(milliseconds=50))
    for wait in ("REST", "LATE"):
        monkeypatch.setattr(courier, wait, 0.05)
    sun = asking(centre, "sun")
    target.answers = [500]
    refused = faults(monkeypatch, OSError("away"))
    async with running(centre):
        await hook(sun, target)
        centre.parts.log.append(node(0))
        await until(lambda: len(target.received) == 2)

    assert refused == ["answered 500"]
    assert target.nodes == ["0", "0"]


async def test_a_fault_of_ours_is_told_and_ends_no_courier(
    centre: Centre, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "REST_AFTER_FAULT", 0.05)
    monkeypatch.setattr(courier, "LATE", 0.05)
    monkeypatch.setattr(attempts, "FIRST_WAIT", timedelta(milliseconds=50))
    sun = asking(centre, "sun")
    target.answers = [500]
    refused = faults(monkeypatch, KeyError("ours"))
    with capture_logs() as logs:
        async with running(centre):
            await hook(sun, target)
            centre.parts.log.append(node(0))
            await until(lambda: len(target.received) == 2)

    assert refused == ["answered 500", "a fault of ours: KeyError"]
    assert [each["log_level"] for each in logs if each["event"] == "webhooks.courier_failed"] == [
        "error"
    ]


def faults(monkeypatch: pytest.MonkeyPatch, error: Exception) -> list[str]:
    """Let the first note of a failure raise this; what failures were to be noted from then on."""
    noted: list[str] = []
    note: Any = vars(Courier)["_note"]

    async def failing(self: Courier, **also: Any) -> None:
        if also.get("failure") is not None:
            noted.append(also["failure"])
            if len(noted) == 1:
                raise error
        await note(self, **also)

    monkeypatch.setattr(Courier, "_note", failing)
    return noted


async def test_a_webhook_leads_to_the_hosts_that_the_settings_allow_and_to_no_other(
    tmp_path: Path, target: Target
) -> None:
    few = WebhookSettings(
        allow_private_targets=True, allowed_hosts=("crm.example", "*.erp.example")
    )
    async with opened(tmp_path, webhooks=few) as centre, running(centre):
        sun = asking(centre, "sun")
        answers = [
            (await sun("POST", "webhooks", {"url": url, "names": ["ticket.*"]})).status
            for url in (
                *("https://crm.example/x", "https://a.erp.example/", "https://CRM.example./x"),
                *(target.url, "https://erp.example/", "https://evilcrm.example/"),
            )
        ]
    async with Delivery(target.url, few) as made_before:
        with pytest.raises(NotTaken, match="its host is not allowed"):
            await made_before.post("{}", {})

    assert not target.received
    assert answers == [201, 201, 201, 422, 422, 422]


async def test_a_webhook_is_edited_by_version_and_deleted_with_its_dead_letters(
    centre: Centre, target: Target
) -> None:
    sun = asking(centre, "sun")
    async with running(centre):
        made = (await hook(sun, target))["made"]
        path = f"webhooks/{made['id']}"
        edited = await sun("PATCH", path, {"version": 1, "names": ["call.*"]})
        late = await sun("PATCH", path, {"version": 1, "names": ["*"]})
        centre.parts.log.append(node(1))
        listed = await sun("GET", "webhooks")
        deleted = await sun("DELETE", path, version=str(edited.body["version"]))
        gone = await sun("GET", path)

    assert (edited.body["names"], late.status) == (["call.*"], 409)
    assert [each["id"] for each in listed.body["items"]] == [made["id"]]
    assert "secret" not in listed.body["items"][0]
    assert (deleted.status, gone.status) == (204, 404)
    assert not target.received
