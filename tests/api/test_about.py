"""What anybody may know before they log in."""

from config.access import AccessSettings, OidcSettings
from config.settings import Settings
from cti_server.api.about import about_centre

from .conftest import Centre


async def test_anybody_may_know_how_the_centre_is_logged_in_to(centre: Centre) -> None:
    answer = await centre.client.get("/api/v1/about")

    assert answer.status == 200
    assert await answer.json() == {
        "version": "test",
        "languages": ["zh", "en"],
        "time_zone": "Asia/Shanghai",
        "region": "CN",
        "log_in": {"password": True, "second_factor_for": [], "single_sign_on": None},
        "demo": False,
    }


def test_the_ways_to_log_in_are_those_that_are_configured() -> None:
    oidc = OidcSettings.model_validate(
        {"issuer": "https://id.example", "client_id": "x", "public_url": "https://cc.example"}
    )
    access = AccessSettings(second_factor_for=("admin",), oidc=oidc)

    ways = about_centre(Settings(access=access), "1").log_in

    assert ways.second_factor_for == ["admin"]
    assert ways.single_sign_on == "/api/v1/sessions/oidc"
