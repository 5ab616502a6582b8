"""Trunks and routes over REST."""

from .asking import asking
from .conftest import Centre


async def test_trunks_show_their_settings_health_and_day_but_no_password(centre: Centre) -> None:
    health = centre.parts.trunk_health["t"]
    health.answered(200, 0.02, centre.parts.clock.now())

    [trunk] = (await asking(centre, "sun")("GET", "trunks")).body

    assert trunk["outbound"] == {
        "to": "192.0.2.1",
        "username": None,
        "caller_id": None,
        "shows_caller": False,
        "domain": None,
        "channels": None,
        "busy": 0,
    }
    assert (trunk["health"]["state"], trunk["health"]["round_trip"]) == ("up", 0.02)
    if trunk["today"] is not None:  # the day has been counted by now
        assert (trunk["busy"], trunk["today"]["answer_seizure_ratio"]) == (0, None)


async def test_routes_are_told_the_longest_prefix_first(centre: Centre) -> None:
    routes = (await asking(centre, "zhao")("GET", "routes")).body

    assert [(each["prefix"], each["trunks"], each["barred"]) for each in routes] == [
        ("+8690", [], True),
        ("+86", ["t"], False),
    ]
