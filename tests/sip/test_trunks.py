import pytest

from cti_server.sip.trunks import BadTrunkAddress, Trunk, TrunkTable

CARRIER = Trunk("carrier", ("192.0.2.0/24", "[2001:db8::1]:5060"))
GATEWAY = Trunk("gateway", ("192.0.2.7", "198.51.100.1:5070"))
TABLE = TrunkTable([CARRIER, GATEWAY])


@pytest.mark.parametrize(
    ("host", "port", "trunk"),
    [
        ("192.0.2.1", 5060, CARRIER),
        ("192.0.2.7", 40000, GATEWAY),  # the more exact address wins
        ("198.51.100.1", 5070, GATEWAY),
        ("198.51.100.1", 5060, None),
        ("2001:db8::1", 5060, CARRIER),
        ("2001:db8::2", 5060, None),
        ("::ffff:192.0.2.1", 5060, CARRIER),
        ("203.0.113.1", 5060, None),
        ("not an address", 5060, None),
    ],
)
def test_a_trunk_is_known_by_where_it_sends_from(host: str, port: int, trunk: Trunk | None) -> None:
    assert TABLE.at(host, port) is trunk
    assert TABLE.at(host, port) is trunk  # now from memory


@pytest.mark.parametrize("address", ["", "example.com", "192.0.2.1:x", "192.0.2.0/33"])
def test_an_address_that_is_none_is_refused_when_it_is_configured(address: str) -> None:
    with pytest.raises(BadTrunkAddress):
        TrunkTable([Trunk("bad", (address,))])


def test_what_is_remembered_of_sources_is_bounded() -> None:
    table = TrunkTable([CARRIER])
    for number in range(20_000):
        table.at(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 5060)
    assert len(table._remembered) <= 4096  # noqa: SLF001


def test_a_trunk_may_log_in_by_name() -> None:
    trunk = Trunk("roaming", username="roaming", ha1=(("MD5", "x"),))
    assert TrunkTable([trunk]).of_user("roaming") is trunk
    assert TrunkTable([trunk]).of_user("other") is None
