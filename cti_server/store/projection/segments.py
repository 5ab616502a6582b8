"""Segments: when a customer and an agent heard one another."""

from datetime import datetime

from ..rows import Rows
from ..segments import Segment


def end_segment(rows: Rows, segment_id: int | None, at: datetime) -> None:
    seen = rows.get(Segment, segment_id)
    if seen is not None and seen["ended_at"] is None:
        segment = rows.change(Segment, segment_id)
        if segment is not None:
            segment["ended_at"] = at
