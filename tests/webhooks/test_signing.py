"""A webhook's request is signed as Standard Webhooks says, and tells nothing of a person."""

import base64
from datetime import UTC, datetime, timedelta

import msgspec

from cti_server.webhooks.signing import Secrets, body_of, headers_of
from cti_server.wire.events import CallArrived, Logged

AT = datetime(2021, 2, 25, 15, 2, 10, tzinfo=UTC)


def test_the_published_example_of_standard_webhooks_comes_out() -> None:
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    headers = headers_of("msg_p5jXN8AQM9LWM0D4loKWxJek", '{"test": 2432232314}', [secret], AT)

    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_is_replaced_there_is_a_signature_by_each_the_newest_first() -> None:
    secrets = Secrets(b"n" * 24, b"o" * 24, AT)
    before, then = AT - timedelta(seconds=1), AT

    by_both = headers_of("evt_1", "{}", secrets.valid_at(before), before)["webhook-signature"]
    by_new = headers_of("evt_1", "{}", secrets.valid_at(then), then)["webhook-signature"]
    alone = [
        headers_of("evt_1", "{}", [each], before)["webhook-signature"]
        for each in (b"n" * 24, b"o" * 24)
    ]

    assert by_both.split(" ") == alone
    assert by_new == headers_of("evt_1", "{}", [b"n" * 24], then)["webhook-signature"]


def test_the_body_is_the_event_with_its_number_and_no_persons() -> None:
    event = CallArrived(
        call_id="call1",
        contact_id="contact1",
        sip_call_id="x",
        caller_number="+8613800138000",
        dialled_number="95588",
        trunk="t",
    )

    body = msgspec.json.decode(body_of(Logged(7, AT, event)))

    assert (body["type"], body["data"]["sequence"]) == ("call.arrived", 7)
    assert body["data"]["contact_id"] == "contact1"
    assert "13800138" not in str(body)
