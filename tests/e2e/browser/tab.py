"""One page of the desktop, in any browser: what is waited for in it, and what it says."""

import json
from abc import ABC, abstractmethod
from typing import Any

from . import ears

MICROPHONE = 1000  # Hz that a microphone hears: Firefox's own pretended one, and our Chromium's


class Tab(ABC):
    """What the agents' page is asked and told by its own script."""

    listen: ears.Listen = staticmethod(ears.heard)
    """How its sound is found out."""

    @abstractmethod
    async def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page, or of the promise that it is."""

    @abstractmethod
    async def type_in(self, agent_id: str) -> None:
        """Name and password, as a person does it."""

    @abstractmethod
    async def press(self, button: str) -> None: ...

    async def log_in(self, agent_id: str) -> None:
        """Returns when calls could come."""
        await self.type_in(agent_id)
        await self.when("desk.link === 'up' && desk.agent.unfit.length === 0")

    async def when(self, condition: str, within: float = 10.0) -> None:
        """Wait in the page. Its policy keeps Playwright's own waiting out, which is right so."""
        happened = await self.evaluate(
            f"""(async () => {{
                const until = Date.now() + {1000 * within};
                while (Date.now() < until) {{
                    if (globalThis.desk && ({condition})) return true;
                    await new Promise((done) => setTimeout(done, 10));
                }}
                return false;
            }})()"""
        )
        assert happened, f"not within {within:g} s: {condition}; the desk: {await self.desk()}"

    async def desk(self) -> Any:
        """What the page knows, for a failed test."""
        return json.loads(
            await self.evaluate(
                """JSON.stringify(globalThis.desk ? {agent: desk.agent, audio: desk.audio,
                    path: desk.path, calls: [...desk.calls.values()],
                    microphone: desk.microphone.state,
                    ice: desk.call && desk.softphone.peer(desk.call.id)?.iceConnectionState,
                    alert: document.getElementById("alert").textContent} : null)"""
            )
        )

    async def text(self, element: str) -> str:
        """What stands on the page there."""
        return str(await self.evaluate(f"document.querySelector('{element}').textContent"))

    async def talks(self, within: float = 10.0) -> None:
        await self.when("desk.call?.state === 'talking' && desk.call.audio", within)

    async def heard(self) -> float | None:
        return await self.listen(self.evaluate)

    async def hears(self, hz: float) -> None:
        """This tone comes to the agent."""
        await ears.until(self.heard, lambda found: found is not None and abs(found - hz) < 15, hz)

    async def hears_nothing(self) -> None:
        await ears.until(self.heard, lambda found: found is None, None)
