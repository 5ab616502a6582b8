"""What an event does to the rows."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ..rows import Rows

Fold = Callable[[Rows, Any, datetime, int], None]
"""Of the rows, the event, its time and its sequence number."""
