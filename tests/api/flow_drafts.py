"""What tests of flows over HTTP send."""

from typing import Any

from .asking import Asking

FLOW = "flows/office"


def draft(text: str, **more: Any) -> dict[str, Any]:
    return {"main": "office", "texts": {"office": text}, **more}


async def office_hours(who: Asking) -> None:
    labels = {"zh": "办公时间", "en": "Office hours"}
    hours = {"labels": labels, "time_zone": "Asia/Shanghai", "week": {}}
    made = await who("POST", "working-calendars", {"id": "office", "hours": hours})
    assert made.status == 201, made.body
