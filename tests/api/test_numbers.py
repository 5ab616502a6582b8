"""Our numbers over REST: what leads where, and today's calls."""

from cti_server.wire.events import CallArrived

from .asking import asking
from .conftest import Centre


async def test_each_number_tells_what_it_leads_to_and_who_called_it_today(centre: Centre) -> None:
    for number, dialled in enumerate(["+8675595588", "075595588", "1001", "9999"]):
        centre.parts.log.append(
            CallArrived(
                call_id=f"c{number}",
                contact_id=f"k{number}",
                sip_call_id=f"s{number}",
                caller_number="13800138000",
                dialled_number=dialled,
                trunk="t",
            )
        )
    await centre.parts.log.stored()

    whole, short = (await asking(centre, "zhao")("GET", "numbers")).body

    assert (whole["number"], whole["e164"]) == ("+8675595588", "+8675595588")
    assert whole["leads_to"] == {
        "flow": "office",
        "flow_version": 1,
        "source": "office.yaml",
        "queue": None,
        "fax": False,
        "languages": ["en"],
        "queues": ["sales"],
        "calendars": ["office"],
    }
    [rule] = whole["when"]
    assert (rule["caller"], rule["leads_to"]["queue"]) == ("+852", "sales")
    assert rule["leads_to"]["languages"] == ["en"]
    assert whole["today"] == {"arrived": 2, "answered": 0, "unavailable": 0}
    assert (short["e164"], short["leads_to"]["languages"]) == (None, ["zh"])
    assert short["today"]["arrived"] == 1
