"""A flow asks for a fax: to which number it goes, and to which none does."""

from types import SimpleNamespace
from typing import cast

import pytest

from config.sip import OutboundSettings, RouteSettings, TrunkSettings
from cti_server.calls.contact import Contact
from cti_server.calls.exchange import Exchange
from cti_server.calls.number_plan import NumberPlan
from cti_server.calls.requested_fax import requested
from cti_server.outbox.faxes import NewFax
from ivr.inquiries import FaxRefused, FaxRequested, RequestFax
from tests.virtual_time import run

TRUNK = TrunkSettings(name="carrier", outbound=OutboundSettings(to="192.0.2.1"))
ROUTES = [
    RouteSettings(prefix="+86", trunks=("carrier",)),
    RouteSettings(prefix="+86133", trunks=()),
]


class Faxes:
    def __init__(self, *, kept: bool) -> None:
        self.put_in = list[NewFax]()
        self._kept = kept

    def title(self, document: str, language: str) -> str | None:
        return {("101", "en"): "Price list"}.get((document, language))

    async def put(self, new: NewFax) -> bool:
        self.put_in.append(new)
        return self._kept


def asked(
    document: str = "101", number: str | None = None, *, caller: str = "", kept: bool = True
) -> tuple[FaxRequested | FaxRefused, list[NewFax]]:
    """What the flow is told, and what is to be sent."""
    faxes = Faxes(kept=kept)
    plan = NumberPlan([TRUNK], ROUTES, region="CN", realm="hotline")

    async def customer_id() -> str:
        return "c7"

    exchange = SimpleNamespace(
        faxes=faxes, region="CN", outbound=SimpleNamespace(check=lambda to: plan.ways(to))
    )
    contact = SimpleNamespace(id="k1", caller_number=caller, language="en", customer_id=customer_id)
    them = cast("Exchange", exchange), cast("Contact", contact)
    return run(requested(*them, RequestFax(document, number))), faxes.put_in


@pytest.mark.parametrize(
    ("number", "caller", "to"),
    [
        ("075526123456", "13800138000", "+8675526123456"),
        ("0755-2612 3456", "", "+8675526123456"),
        (None, "+8613800138000", "+8613800138000"),
        (None, "13800138000", "+8613800138000"),
        ("0012125550123", "", "+12125550123"),  # no trunk leads there: that is for the sender
    ],
)
def test_the_fax_goes_to_the_number_in_its_one_form(
    number: str | None, caller: str, to: str
) -> None:
    told, [new] = asked(number=number, caller=caller)

    assert told == FaxRequested("Price list")
    assert (new.document, new.title, new.language) == ("101", "Price list", "en")
    assert (new.number, new.contact_id, new.customer_id) == (to, "k1", "c7")


@pytest.mark.parametrize(
    "number",
    ["", "anonymous", "110", "112", "sip:x@evil.example", "SIPS:x@evil.example", "13300001234"],
)
def test_what_nobody_may_dial_gets_none(number: str) -> None:
    assert asked(number=number, caller="13800138000") == (FaxRefused("bad_number"), [])
    assert asked(caller=number) == (FaxRefused("bad_number"), [])


def test_a_code_of_no_document_is_told_before_the_number_is_looked_at() -> None:
    assert asked("999", "anonymous") == (FaxRefused("unknown"), [])


def test_what_the_database_does_not_keep_in_time_has_failed() -> None:
    assert asked(number="075526123456", kept=False)[0] == FaxRefused("failed")
