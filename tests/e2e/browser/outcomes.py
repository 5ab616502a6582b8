"""A queue where nobody goes on without an outcome, and an outcome that has a form."""

from tests.e2e.centre import Centre

LATE = {"zh": "迟到", "en": "Late"}
FORM = {
    "type": "object",
    "properties": {
        "days": {
            "type": "integer",
            "minimum": 1,
            "x-labels": {"zh": "天数", "en": "How many days"},
            "x-script": {"zh": "请问晚了几天？", "en": "How many days late was it?"},
        },
    },
    "required": ["days"],
    "additionalProperties": False,
}


async def careful(hotline: Centre) -> None:
    """In this queue nobody goes on without an outcome, and one outcome has a form."""
    admin = hotline.agents["admin"].desk
    if any(one["id"] == "late" for one in await admin.get("/api/v1/disposition-codes")):
        return
    made = [
        await admin.post("/api/v1/forms", id="lateness", labels=LATE, definition=FORM),
        await admin.post(
            "/api/v1/disposition-codes", id="trouble", labels={"zh": "问题", "en": "Trouble"}
        ),
        await admin.post(
            "/api/v1/disposition-codes",
            id="late",
            labels=LATE,
            parent_id="trouble",
            form_id="lateness",
        ),
    ]
    assert [status for status, _ in made] == [201, 201, 201], made
    await admin.put("/api/v1/queues/careful/disposition-rule", required=True)
