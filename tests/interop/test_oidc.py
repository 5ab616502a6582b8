"""Single sign-on at Django OAuth Toolkit, by a browser's steps: forms, redirects and cookies."""

import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import aiohttp
import pytest
from pydantic import HttpUrl, SecretStr

from config.access import OidcSettings, Role
from cti_server.api.oidc_provider import OidcProvider
from cti_server.api.sign_on import SignOn
from tests.api.asking import Asking, told
from tests.api.conftest import Centre, opened
from tests.ports import free_port

from .oidc_provider import CLIENT, PASSWORD, SECRET

pytestmark = pytest.mark.interop

ROOT = Path(__file__).parents[2]
PROGRAM = "tests.interop.oidc_provider"
GROUPS: dict[str, Role] = {"desk": "agent", "leads": "supervisor"}


@dataclass(frozen=True, slots=True)
class Provider:
    issuer: str
    our_port: int


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """The provider, which knows where our pages will be."""
    port = free_port()
    callback = f"http://127.0.0.1:{port}/api/v1/sessions/oidc/callback"
    folder = tmp_path_factory.mktemp("provider")
    words = [sys.executable, "-W", "ignore", "-m", PROGRAM, str(folder), callback]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            issuer = process.stdout.readline().strip()
            assert issuer, "the provider did not start"
            yield Provider(issuer, port)
        finally:
            process.terminate()


@pytest.fixture
async def centre(provider: Provider, tmp_path: Path) -> AsyncIterator[Centre]:
    settings = OidcSettings(
        issuer=HttpUrl(provider.issuer),
        client_id=CLIENT,
        client_secret=SecretStr(SECRET),
        public_url=HttpUrl(f"http://127.0.0.1:{provider.our_port}"),
        roles_claim="groups",
        roles=GROUPS,
    )
    async with (
        OidcProvider(settings) as client,
        opened(tmp_path, sign_on=SignOn(settings, client), port=provider.our_port) as centre,
    ):
        yield centre


class Browser:
    """Follows redirects by hand, to see them, and keeps cookies."""

    def __init__(self, http: aiohttp.ClientSession, centre: Centre) -> None:
        self._http = http
        self.ours = str(centre.client.make_url("/api/v1/sessions/oidc"))

    async def go(self, url: str) -> tuple[int, str, str]:
        """Status, where it sends us, and the page."""
        async with self._http.get(url, allow_redirects=False) as answer:
            where = urljoin(url, answer.headers.get("Location", ""))
            return answer.status, where, await answer.text()

    async def log_in(self, name: str) -> str:
        """From our page over the provider's form to the address of our callback."""
        _, authorize, _ = await self.go(self.ours)
        _, form, _ = await self.go(authorize)
        _, _, page = await self.go(form)
        [token] = re.findall(r'csrfmiddlewaretoken" value="([^"]+)"', page)
        [following] = parse_qs(urlsplit(form).query)["next"]
        fields = {"csrfmiddlewaretoken": token, "next": following}
        fields |= {"username": name, "password": PASSWORD}
        async with self._http.post(form, data=fields, allow_redirects=False) as answer:
            assert answer.status == 302, await answer.text()
            back = urljoin(form, answer.headers["Location"])
        status, callback, page = await self.go(back)
        assert status == 302, page
        return callback

    async def redeem(self, ticket: str) -> tuple[int, dict[str, object]]:
        async with self._http.post(self.ours, json={"ticket": ticket}) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def browser(centre: Centre) -> AsyncIterator[Browser]:
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address without a name
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        yield Browser(http, centre)


@pytest.fixture
async def another_browser(centre: Centre) -> AsyncIterator[Browser]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        yield Browser(http, centre)


FAILED = "sign-in-failed=SignOnFailed"
"""Behind the # of our page's address, for who comes back without being let in."""


def told_to(page: str) -> str:
    return urlsplit(page).fragment


def ticket_in(page: str) -> str:
    return urlsplit(page).fragment.removeprefix("sign-in=")


async def test_who_logs_in_at_the_provider_has_a_session_with_the_roles_of_their_groups(
    centre: Centre, browser: Browser
) -> None:
    callback = await browser.log_in("li")
    status, page, _ = await browser.go(callback)

    redeemed, session = await browser.redeem(ticket_in(page))

    assert (status, redeemed) == (302, 201)
    assert (session["agent_id"], session["roles"], session["must"]) == ("li", ["agent"], [])
    assert (await Asking(centre, str(session["token"]))("GET", "queues")).status == 200
    trail = await told(centre, actor="li")
    assert [entry[1:3] for entry in trail] == [("opened", "session")]


async def test_roles_follow_the_providers_groups(centre: Centre, browser: Browser) -> None:
    assert centre.definitions.roles_of("zhao") == ("supervisor",)

    _, page, _ = await browser.go(await browser.log_in("zhao"))
    _, session = await browser.redeem(ticket_in(page))

    assert session["roles"] == ["agent", "supervisor"]
    assert await told(centre, actor="oidc") == [("oidc", "updated", "agent", "zhao")]


async def test_whom_we_do_not_know_and_who_is_in_no_group_of_ours_stay_outside(
    centre: Centre, browser: Browser, another_browser: Browser
) -> None:
    _, page, _ = await browser.go(await browser.log_in("stranger"))
    unknown, _ = await browser.redeem(ticket_in(page))
    _, no_role, _ = await another_browser.go(await another_browser.log_in("wang"))

    assert (unknown, told_to(no_role)) == (401, FAILED)
    assert [each[1] for each in await told(centre, action="log_in_failed")] == ["log_in_failed"] * 2


async def test_a_ticket_and_a_code_are_good_once_and_in_one_browser(
    browser: Browser, another_browser: Browser
) -> None:
    callback = await browser.log_in("li")
    _, stolen_code, _ = await another_browser.go(callback)
    _, late, _ = await browser.go(callback)
    _, page, _ = await browser.go(await again(browser, "li"))

    stolen_ticket, _ = await another_browser.redeem(ticket_in(page))
    spent, _ = await browser.redeem(ticket_in(page))

    assert (told_to(stolen_code), told_to(late)) == (FAILED, FAILED)
    assert (stolen_ticket, spent) == (401, 401)


async def again(browser: Browser, name: str) -> str:
    """A second log-in: the provider still knows who it is."""
    _, authorize, _ = await browser.go(browser.ours)
    status, callback, _ = await browser.go(authorize)
    assert status == 302, name
    return callback


async def test_a_forged_state_and_a_code_of_another_log_in_open_nothing(
    browser: Browser,
) -> None:
    first = await browser.log_in("li")
    second = await again(browser, "li")
    codes = [parse_qs(urlsplit(each).query)["code"][0] for each in (first, second)]
    [state] = parse_qs(urlsplit(second).query)["state"]

    _, forged, _ = await browser.go(
        f"{browser.ours}/callback?{urlencode({'code': codes[1], 'state': 'forged'})}"
    )
    # PKCE: the code of one log-in with the verifier of another
    _, swapped, _ = await browser.go(
        f"{browser.ours}/callback?{urlencode({'code': codes[0], 'state': state})}"
    )

    assert (told_to(forged), told_to(swapped)) == (FAILED, FAILED)


async def test_who_breaks_off_at_the_provider_is_told_so(browser: Browser) -> None:
    _, authorize, _ = await browser.go(browser.ours)
    [state] = parse_qs(urlsplit(authorize).query)["state"]

    status, page, _ = await browser.go(
        f"{browser.ours}/callback?{urlencode({'error': 'access_denied', 'state': state})}"
    )

    assert (status, told_to(page)) == (302, FAILED)


async def test_a_provider_that_is_away_is_no_fault_of_ours(tmp_path: Path) -> None:
    settings = OidcSettings(
        issuer=HttpUrl(f"http://127.0.0.1:{free_port()}"),
        client_id=CLIENT,
        public_url=HttpUrl("http://127.0.0.1"),
    )
    async with (
        OidcProvider(settings) as client,
        opened(tmp_path, sign_on=SignOn(settings, client)) as centre,
    ):
        answer = await centre.client.get("/api/v1/sessions/oidc", allow_redirects=False)

    page = answer.headers["Location"]
    assert (answer.status, page) == (302, "http://127.0.0.1/#sign-in-failed=ProviderUnavailable")
