"""Whether every question and every transfer that the log has the beginning of has one end."""

from collections.abc import Iterable

from .book import Seen


def check(seen: Iterable[Seen]) -> int:
    """
    Each begins once at a time, ends once, and before its contact; nothing ends that did not begin.

    How many there were.
    """
    begun: dict[tuple[str, str], str] = {}  # what and whose; the contact
    count = 0
    for one in seen:
        data = one.data
        whose = data.get("interaction_id", "")
        match one.event:
            case "consult.started" | "transfer.started":
                what = (one.event.partition(".")[0], whose)
                assert what not in begun, f"twice: {data}"
                begun[what] = data["contact_id"]
                count += 1
            case "consult.ended":
                assert begun.pop(("consult", whose), None), f"did not begin: {data}"
            case "transfer.failed":
                assert begun.pop(("transfer", whose), None), f"did not begin: {data}"
            case "contact.transferred":
                rang = begun.pop(("transfer", whose), None)
                at_once = data["to"] == "queue" or data["how"] != "blind"
                assert rang or at_once, f"did not begin: {data}"
            case "contact.ended":
                left = [what for what, contact in begun.items() if contact == data["contact_id"]]
                assert not left, f"has no end: {left}"
    assert not begun, f"has no end: {begun}"
    return count
