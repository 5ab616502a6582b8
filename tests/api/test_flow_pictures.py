"""A flow is drawn, with what callers did in it, over HTTP."""

import html

from cti_server.wire import events

from .asking import asking
from .conftest import OFFICE, Centre
from .flow_drafts import FLOW, draft, office_hours


async def test_a_flow_is_drawn_with_what_callers_did_there(centre: Centre) -> None:
    """By version and span, as a picture or as its Mermaid text; figures of nothing are none."""
    sun, append = asking(centre, "sun"), centre.parts.log.append
    await office_hours(sun)
    for event in (
        events.CallArrived(
            call_id="c1",
            contact_id="k1",
            sip_call_id="1@trunk",
            caller_number="1",
            dialled_number="2",
            trunk="carrier",
        ),
        events.NodeEntered(contact_id="k1", flow="office", node="hours", version=1),
        events.NodeEntered(contact_id="k1", flow="office", node="desk", version=1, by="open"),
        events.FlowLeft(contact_id="k1", flow="office", node="desk", version=1, to="queue"),
    ):
        append(event)
    await centre.parts.log.stored()

    (row,) = (await sun("GET", "flow-figures")).body["rows"]
    assert (row["flow"], row["version"], row["entered"], row["transferred"]) == ("office", 1, 1, 1)
    assert (row["containment"], row["invalid_key_rate"], row["silence_rate"]) == (0.0, None, None)
    nodes = (await sun("GET", f"{FLOW}/figures")).body["rows"]
    assert [(one["node"], one["left"]) for one in nodes] == [
        ("desk", {"queue": 1}),
        ("hours", {"open": 1}),
    ]
    assert (await sun("GET", "flow-figures", since="2026-01-01")).body["rows"] == []
    assert (
        await sun("GET", f"{FLOW}/figures", since="2026-02-01", until="2026-01-01")
    ).status == 422

    async def picture(**query: str) -> tuple[str, str]:
        headers = {"Authorization": f"Bearer {sun.token}"}
        path = f"/api/v1/{FLOW}/picture"
        async with centre.client.get(path, headers=headers, params=query) as answer:
            assert answer.status == 200, await answer.text()
            return answer.content_type, await answer.text()

    kind, text = await picture(format="mermaid")
    assert (kind, "hours (calendar)" in html.unescape(text.replace("#", "&#"))) == (
        "text/vnd.mermaid",
        True,
    )
    assert '-- "open: 1, closed: 0" -->' in text
    assert (
        await sun("POST", f"{FLOW}/publish", draft(OFFICE + "# new\n", version=1))
    ).status == 200
    _, newer = await picture(format="mermaid")
    assert '-- "open: 0, closed: 0" -->' in newer  # nobody was in that version
    assert (await picture(format="mermaid", version="1"))[1] == text
    kind, drawn = await picture(version="1")
    assert (kind, drawn[:5], drawn.rstrip()[-6:]) == ("image/svg+xml", "<svg ", "</svg>")
    assert "1 came" in drawn
    assert (await sun("GET", f"{FLOW}/picture", version="9")).status == 404
    assert (await sun("GET", f"{FLOW}/picture", format="png")).status == 422
