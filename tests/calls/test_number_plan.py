"""Which trunk a number takes, and as whom: tables of cases."""

import pytest
from pydantic import SecretStr

from config.sip import OutboundSettings, RouteSettings, TrunkSettings
from cti_server.calls.number_plan import (
    ANONYMOUS,
    BadNumberPlan,
    DiallingRefused,
    EmergencyNumber,
    NotANumber,
    NoTrunkForNumber,
    NumberBarred,
    NumberPlan,
    is_uri,
)


def trunk(name: str, to: str = "192.0.2.1:5060", **outbound: object) -> TrunkSettings:
    return TrunkSettings(
        name=name, outbound=OutboundSettings.model_validate({"to": to, **outbound})
    )


def route(prefix: str, *trunks: str, dial_as: str | None = None) -> RouteSettings:
    return RouteSettings(prefix=prefix, trunks=trunks, dial_as=dial_as)


TRUNKS = (
    trunk("home", "192.0.2.1:5060", caller_id="+8675595588"),
    trunk("abroad", "sip:gw.example;transport=tcp", domain="bank.example", shows_caller=True),
    trunk("mobile", "sip:198.51.100.7", username="bank", password="s3cret"),
)
ROUTES = (
    route("+86", "home", "abroad", dial_as="0"),
    route("+861", "mobile", "home"),
    route("+", "abroad", dial_as="00"),
    route("+1900"),
    route("955", "home"),
)


def plan() -> NumberPlan:
    return NumberPlan(
        TRUNKS,
        ROUTES,
        region="CN",
        realm="hotline",
        caller_ids={"sales": "+8675595500", "support": None},
    )


@pytest.mark.parametrize(
    ("dialled", "ways"),
    [
        (
            "0755-2658 8888",
            [
                ("home", "sip:075526588888@192.0.2.1:5060"),
                ("abroad", "sip:075526588888@gw.example;transport=tcp"),
            ],
        ),
        (
            "tel:+86-138-0013-8000",
            [
                ("mobile", "sip:+8613800138000@198.51.100.7"),
                ("home", "sip:+8613800138000@192.0.2.1:5060"),
            ],
        ),
        ("+44 20 7946 0958", [("abroad", "sip:00442079460958@gw.example;transport=tcp")]),
        ("95588", [("home", "sip:95588@192.0.2.1:5060")]),
    ],
)
def test_the_longest_prefix_decides_and_the_trunk_gets_the_number_as_it_wants_it(
    dialled: str, ways: list[tuple[str, str]]
) -> None:
    assert [(way.trunk, way.target) for way in plan().ways(dialled)] == ways


@pytest.mark.parametrize(
    ("dialled", "why"),
    [
        ("", NotANumber),
        ("anonymous", NotANumber),
        ("front desk", NotANumber),
        ("*31#", NotANumber),
        ("12345", NoTrunkForNumber),
        ("+1 900 555 0123", NumberBarred),
        ("110", EmergencyNumber),
        ("120", EmergencyNumber),
        ("112", EmergencyNumber),
        ("tel:911", EmergencyNumber),
    ],
)
def test_what_cannot_be_dialled_is_refused_with_its_cause(
    dialled: str, why: type[DiallingRefused]
) -> None:
    with pytest.raises(DiallingRefused) as refused:
        plan().ways(dialled)
    assert type(refused.value) is why


def test_an_emergency_number_is_refused_even_where_a_route_takes_everything() -> None:
    everything = NumberPlan(TRUNKS, [route("", "home")], region="CN", realm="hotline")

    assert everything.ways("12345")
    with pytest.raises(EmergencyNumber):
        everything.ways("119")


def test_a_refusal_does_not_show_the_whole_number() -> None:
    with pytest.raises(NumberBarred) as refused:
        plan().ways("+19005550123")
    assert "5550123" not in str(refused.value)


@pytest.mark.parametrize(
    ("number", "queue", "caller_number", "shown"),
    [
        ("075526588888", None, "", "sip:+8675595588@hotline"),
        ("075526588888", "sales", "", "sip:+8675595500@hotline"),
        ("075526588888", "support", "", "sip:+8675595588@hotline"),
        ("075526588888", "sales", "13900000000", "sip:+8675595500@hotline"),
        ("+442079460958", "sales", "13900000000", "sip:13900000000@bank.example"),
        ("+442079460958", None, "", ANONYMOUS),
        ("13800138000", None, "", "sip:bank@hotline"),
    ],
)
def test_the_queues_number_is_shown_then_the_trunks_and_a_customers_only_where_it_may_be(
    number: str, queue: str | None, caller_number: str, shown: str
) -> None:
    way = plan().ways(number, queue=queue, caller_number=caller_number)[0]

    assert way.from_uri == shown
    asserted = () if shown == ANONYMOUS else (("P-Asserted-Identity", f"<{shown}>"),)
    assert way.headers == asserted


def test_credentials_go_with_their_trunk_and_are_not_shown() -> None:
    mobile, home = plan().ways("13800138000")

    assert mobile.credentials == ("bank", "s3cret")
    assert home.credentials is None
    assert "s3cret" not in repr(mobile)
    assert TRUNKS[2].outbound is not None
    assert isinstance(TRUNKS[2].outbound.password, SecretStr)


def test_without_routes_nothing_can_be_dialled() -> None:
    with pytest.raises(NoTrunkForNumber):
        NumberPlan(TRUNKS, region="CN", realm="hotline").ways("13800138000")


@pytest.mark.parametrize(
    ("trunks", "routes", "problem"),
    [
        ([trunk("a")], [route("+", "b")], "there is no trunk 'b' with outbound"),
        (
            [TrunkSettings(name="a", addresses=("192.0.2.1",))],
            [route("+", "a")],
            "there is no trunk 'a' with outbound",
        ),
        ([trunk("a")], [route("+", "a"), route("+")], "the prefix '+' is there twice"),
        ([trunk("a"), trunk("a")], [], "sip.trunks: 'a' is there twice"),
        ([trunk("a", "")], [], "is no SIP URI or host"),
        ([trunk("a", "a b")], [], "is no SIP URI or host"),
        ([trunk("a", "sips:gw.example")], [], "only sip: over udp or tcp"),
        ([trunk("a", "sip:gw.example;transport=sctp")], [], "only sip: over udp or tcp"),
        ([trunk("a", "sip:100@gw.example")], [], "the number takes the user's place"),
    ],
)
def test_a_plan_that_does_not_fit_together_is_refused(
    trunks: list[TrunkSettings], routes: list[RouteSettings], problem: str
) -> None:
    with pytest.raises(BadNumberPlan) as refused:
        NumberPlan(trunks, routes, region="CN", realm="hotline")
    assert problem in str(refused.value)


@pytest.mark.parametrize(
    ("target", "uri"),
    [("sip:1001@192.0.2.1", True), ("SIPS:x@y", True), ("tel:+8610", False), ("+8610", False)],
)
def test_only_sip_uris_are_called_where_they_say(target: str, uri: bool) -> None:
    assert is_uri(target) is uri
