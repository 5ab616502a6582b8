from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_server.sip.message import Request
from cti_server.sip.registration import Binding, Registrar, RegistrationLimits
from cti_server.sip.transport import Flow

from .machines import request

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FLOW = Flow("udp", "127.0.0.1", 5071, ("127.0.0.1", 5060))
LIMITS = RegistrationLimits(shortest=60, longest=3600, usual=1800, contacts=3)


class Kept:
    """A binding store with a memory."""

    def __init__(self) -> None:
        self.bindings: dict[tuple[str, str], Binding] = {}

    def saved(self, binding: Binding) -> None:
        self.bindings[binding.aor, binding.contact_uri] = binding

    def removed(self, aor: str, contact_uri: str) -> None:
        del self.bindings[aor, contact_uri]


def register(*contacts: str, number: int = 1, call_id: str = "phone", **more: str) -> Request:
    message = request("REGISTER", CSeq=f"{number} REGISTER", Call_ID=call_id, **more)
    message.headers.remove("Contact")
    for contact in contacts:
        message.headers.add("Contact", contact)
    return message


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


PHONE = "<sip:200@127.0.0.1:5071>"
SECOND = "<sip:200@127.0.0.1:5072>"


def test_a_binding_is_granted_stored_listed_and_expires() -> None:
    kept = Kept()
    registrar = Registrar(kept, LIMITS)

    done = registrar.register("200", register(PHONE, Expires="600"), FLOW, NOW)

    assert (done.status, done.headers) == (200, (("Contact", f"{PHONE};expires=600"),))
    (binding,) = registrar.bindings("200", NOW)
    assert binding.contact_uri == "sip:200@127.0.0.1:5071"
    assert list(kept.bindings.values()) == [binding]
    assert registrar.deadline == at(600)
    assert registrar.handle_timer(at(599)) == []
    assert registrar.handle_timer(at(600)) == [binding]
    assert (registrar.bindings("200", at(600)), kept.bindings, len(registrar)) == ([], {}, 0)


def test_several_phones_are_reached_under_one_account() -> None:
    registrar = Registrar(limits=LIMITS)
    registrar.register("200", register(PHONE), FLOW, NOW)
    done = registrar.register("200", register(SECOND, call_id="other"), FLOW, at(1))
    assert len(done.headers) == 2
    assert [b.contact_uri[-4:] for b in registrar.bindings("200", at(2))] == ["5072", "5071"]


def ports(registrar: Registrar, now: datetime) -> list[str]:
    return [binding.contact_uri[-4:] for binding in registrar.bindings("200", now)]


def test_the_phone_that_registered_last_comes_first_however_long_it_stays() -> None:
    registrar = Registrar(limits=LIMITS)
    registrar.register("200", register(PHONE, Expires="3600"), FLOW, NOW)
    registrar.register("200", register(SECOND, call_id="other", Expires="600"), FLOW, at(60))
    assert ports(registrar, at(61)) == ["5072", "5071"]

    registrar.register("200", register(PHONE, number=2, Expires="300"), FLOW, at(62))
    assert ports(registrar, at(63)) == ["5071", "5072"]


def test_over_the_limit_the_oldest_registration_goes_however_long_it_would_stay() -> None:
    registrar = Registrar(limits=LIMITS)
    for number, expires in enumerate([3600, 60, 60, 60]):
        contact = f"<sip:200@127.0.0.1:600{number}>;expires={expires}"
        registrar.register("200", register(contact, call_id=str(number)), FLOW, at(number))
    assert ports(registrar, at(9)) == ["6003", "6002", "6001"]


def test_restored_phones_come_behind_those_that_registered_since() -> None:
    kept = Kept()
    before = Registrar(kept, LIMITS)
    before.register("200", register(PHONE, Expires="3600"), FLOW, NOW)
    before.register("200", register(SECOND, call_id="other", Expires="1800"), FLOW, NOW)

    registrar = Registrar(kept, LIMITS)
    registrar.restore(reversed(list(kept.bindings.values())))
    assert ports(registrar, at(1)) == ["5071", "5072"]
    third = register("<sip:200@127.0.0.1:5073>", call_id="third", Expires="60")
    registrar.register("200", third, FLOW, at(1))
    assert ports(registrar, at(2)) == ["5073", "5071", "5072"]


def test_the_registrar_knows_where_phones_are_and_where_none_is_any_more() -> None:
    registrar = Registrar(limits=LIMITS)
    registrar.register("200", register(PHONE, SECOND), FLOW, NOW)
    elsewhere = Flow("udp", "127.0.0.2", 5071, FLOW.local)
    registrar.register("200", register(PHONE, number=2), elsewhere, NOW)
    assert registrar.is_at("127.0.0.1")
    assert registrar.is_at("127.0.0.2")
    assert registrar.holds("200", elsewhere)
    assert not registrar.holds("201", elsewhere)

    registrar.register("200", register(f"{SECOND};expires=0", number=3), FLOW, NOW)
    assert not registrar.is_at("127.0.0.1")
    assert not registrar.holds("200", FLOW)
    registrar.handle_timer(at(1800))
    assert not registrar.is_at("127.0.0.2")


def test_a_query_changes_nothing() -> None:
    registrar = Registrar(limits=LIMITS)
    registrar.register("200", register(PHONE), FLOW, NOW)
    done = registrar.register("200", register(number=2), FLOW, at(800))
    assert done.headers == (("Contact", f"{PHONE};expires=1000"),)


@pytest.mark.parametrize(
    ("contact", "header", "granted"),
    [
        (f"{PHONE};expires=120", "600", 120),
        (PHONE, "600", 600),
        (PHONE, None, 1800),
        (f"{PHONE};expires=99999", None, 3600),
        (f"{PHONE};expires=soon", None, 3600),
        (f"{PHONE};expires=99999999999999999999", None, 3600),
    ],
)
def test_the_lifetime_is_the_contacts_then_the_headers_then_ours_within_limits(
    contact: str, header: str | None, granted: int
) -> None:
    message = register(contact)
    if header is not None:
        message.headers.set("Expires", header)
    done = Registrar(limits=LIMITS).register("200", message, FLOW, NOW)
    assert done.headers == (("Contact", f"{PHONE};expires={granted}"),)


def test_too_short_a_lifetime_is_refused_with_the_shortest() -> None:
    done = Registrar(limits=LIMITS).register("200", register(PHONE, Expires="59"), FLOW, NOW)
    assert (done.status, done.headers) == (423, (("Min-Expires", "60"),))


def test_zero_removes_one_and_a_star_removes_all() -> None:
    kept = Kept()
    registrar = Registrar(kept, LIMITS)
    registrar.register("200", register(PHONE, SECOND), FLOW, NOW)
    registrar.register("200", register(f"{PHONE};expires=0", number=2), FLOW, NOW)
    assert [b.contact_uri[-4:] for b in registrar.bindings("200", NOW)] == ["5072"]
    done = registrar.register("200", register("*", number=3, Expires="0"), FLOW, NOW)
    assert (done.status, done.headers, kept.bindings) == (200, (), {})


def test_a_star_without_expires_zero_is_a_bad_request() -> None:
    registrar = Registrar(limits=LIMITS)
    registrar.register("200", register(PHONE), FLOW, NOW)
    assert registrar.register("200", register("*", number=2), FLOW, NOW).status == 400
    assert len(registrar) == 1


def test_a_request_that_was_overtaken_changes_nothing() -> None:
    registrar = Registrar(limits=LIMITS)
    registrar.register("200", register(PHONE, number=5), FLOW, NOW)
    late = register(SECOND, f"{PHONE};expires=0", number=4)
    assert registrar.register("200", late, FLOW, NOW).status == 500
    assert [b.contact_uri[-4:] for b in registrar.bindings("200", NOW)] == ["5071"]


def test_a_phone_that_was_restarted_counts_from_the_beginning() -> None:
    registrar = Registrar(limits=LIMITS)
    registrar.register("200", register(PHONE, number=50), FLOW, NOW)
    done = registrar.register("200", register(PHONE, number=1, call_id="new"), FLOW, NOW)
    assert (done.status, len(registrar)) == (200, 1)


@pytest.mark.parametrize("contact", ["<tel:+493012345>", "<http://example.com>", "<sip:>"])
def test_a_contact_that_cannot_be_called_is_a_bad_request(contact: str) -> None:
    registrar = Registrar(limits=LIMITS)
    assert registrar.register("200", register(contact), FLOW, NOW).status == 400
    assert len(registrar) == 0


def test_phones_per_account_are_bounded_the_oldest_goes() -> None:
    registrar = Registrar(limits=LIMITS)
    for number in range(5):
        contact = f"<sip:200@127.0.0.1:600{number}>"
        registrar.register("200", register(contact, call_id=str(number)), FLOW, at(number))
    ports = [b.contact_uri[-4:] for b in registrar.bindings("200", at(9))]
    assert ports == ["6004", "6003", "6002"]
    many = [f"<sip:200@127.0.0.1:70{n:02}>" for n in range(4)]
    assert registrar.register("200", register(*many, call_id="m"), FLOW, NOW).status == 403


def test_a_binding_remembers_its_flow() -> None:
    registrar = Registrar(limits=LIMITS)
    registrar.register("200", register(PHONE), FLOW, NOW)
    assert registrar.bindings("200", NOW)[0].flow == FLOW


def test_what_the_store_kept_comes_back_after_a_restart() -> None:
    kept = Kept()
    Registrar(kept, LIMITS).register("200", register(PHONE), FLOW, NOW)

    registrar = Registrar(kept, LIMITS)
    registrar.restore(list(kept.bindings.values()))

    assert [b.contact_uri for b in registrar.bindings("200", at(10))] == ["sip:200@127.0.0.1:5071"]
    assert len(registrar.handle_timer(at(1800))) == 1
    assert kept.bindings == {}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["1", "2"]),
            st.integers(5060, 5064),
            st.sampled_from([0, 60, 100, 4000]),
            st.floats(0, 50),
        ),
        max_size=30,
    )
)
def test_the_store_always_holds_what_the_registrar_holds(
    steps: list[tuple[str, int, int, float]],
) -> None:
    kept, now = Kept(), 0.0
    registrar = Registrar(kept, LIMITS)
    for number, (aor, port, expires, pause) in enumerate(steps, 1):
        now += pause
        registrar.handle_timer(at(now))
        contact = f"<sip:{aor}@127.0.0.1:{port}>;expires={expires}"
        registrar.register(aor, register(contact, number=number), FLOW, at(now))
        listed = [b for each in ("1", "2") for b in registrar.bindings(each, at(now))]
        assert sorted(kept.bindings) == sorted((b.aor, b.contact_uri) for b in listed)
        assert all(sum(b.aor == each for b in listed) <= 3 for each in ("1", "2"))
    registrar.handle_timer(at(now + 3601))
    assert (kept.bindings, len(registrar)) == ({}, 0)
