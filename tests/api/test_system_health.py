"""The server's health over REST."""

from .asking import asking
from .conftest import Centre


async def test_supervisors_and_administrators_see_how_the_server_is_doing(centre: Centre) -> None:
    for who in ("zhao", "sun"):
        answer = await asking(centre, who)("GET", "system-health")
        assert answer.status == 200
        body = answer.body
        assert (body["state"], body["version"], body["holder"]) == ("ok", "test", "here 1")
        [database] = body["parts"]
        assert database == {
            "part": "database",
            "state": "ok",
            "reason": "",
            "detail": "",
            "figures": {},
        }
    assert (await asking(centre, "li")("GET", "system-health")).status == 403
