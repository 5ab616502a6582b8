"""Who may begin something, by address: so often in a minute."""

from cti_server.openings import ADDRESSES_KEPT, MINUTE, Openings, household


def test_one_address_begins_so_many_in_a_minute_and_others_are_not_hindered() -> None:
    openings = Openings(2)

    assert openings.admit("a", 0.0) == openings.admit("a", 1.0) == 0
    assert openings.admit("a", 20.0) == 40
    assert openings.admit("b", 20.0) == 0
    assert openings.admit("a", MINUTE) == 0
    assert openings.admit("a", MINUTE) == 1


def test_strangers_cannot_fill_the_memory_of_addresses() -> None:
    openings = Openings(1)
    openings.admit("first", 0.0)
    for number in range(ADDRESSES_KEPT):
        openings.admit(str(number), 0.0)

    assert openings.admit("first", 0.0) == 0  # forgotten


def test_who_has_a_network_of_ipv6_addresses_is_counted_once() -> None:
    openings = Openings(1)

    assert openings.admit("2001:db8:1:2::a", now=0.0) == 0
    assert openings.admit("2001:db8:1:2:ffff::b", now=1.0) > 0
    assert openings.admit("2001:db8:1:3::a", now=1.0) == 0
    assert [household(each) for each in ("192.0.2.7", "::ffff:192.0.2.7", "fe80::1%eth0", "")] == [
        "192.0.2.7",
        "192.0.2.7",
        "fe80::/64",
        "",
    ]
