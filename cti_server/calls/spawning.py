"""How the parts of a call begin work of their own."""

from collections.abc import Callable, Coroutine
from typing import Any

Spawn = Callable[[Coroutine[Any, Any, None]], object]
"""It ends with the call, and ends the call if it fails (:meth:`.call.Call.spawn`)."""
