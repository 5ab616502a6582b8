"""What a page has loaded, as it came over the wire."""

from playwright.async_api import Page, Request


class Downloads:
    """From now on; one whose body came from the browser's own store is none."""

    def __init__(self, page: Page) -> None:
        self._requests: list[Request] = []
        page.on("requestfinished", lambda request: self._requests.append(request))

    async def scripts(self) -> dict[str, int]:
        """Bytes of each script's body, compressed as the server sent it, by its address."""
        return {one.url: (await one.sizes())["responseBodySize"] for one in self._scripts}

    async def sources(self) -> str:
        """What stands in the scripts, one after the other."""
        answers = [await one.response() for one in self._scripts]
        return "\n".join([await one.text() for one in answers if one is not None])

    @property
    def _scripts(self) -> list[Request]:
        return [one for one in self._requests if one.resource_type == "script"]
