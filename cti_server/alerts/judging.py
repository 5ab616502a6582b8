"""Whether a rule's alert stands, by what is measured from moment to moment. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cti_server.wire.alert_rules import AlertRule


@dataclass(frozen=True, slots=True)
class Standing:
    """``since``: how long it has been otherwise than ``raised`` says; None while it is not."""

    raised: bool = False
    since: datetime | None = None


def judged(rule: AlertRule, before: Standing, value: float | None, now: datetime) -> Standing:
    """
    What it is now. Nothing measured is nothing wrong.

    Between the bound and where it is over, everything stays as it is.
    """
    if before.raised:
        otherwise, holds = _is_over(rule, value), rule.over_for
    else:
        otherwise, holds = _is_beyond(rule, value), rule.lasts
    if not otherwise:
        return Standing(before.raised)
    since = before.since or now
    if now - since >= timedelta(seconds=holds):
        return Standing(not before.raised)
    return Standing(before.raised, since)


def _is_beyond(rule: AlertRule, value: float | None) -> bool:
    if value is None:
        return False
    return value > rule.above if rule.above is not None else value < (rule.below or 0.0)


def _is_over(rule: AlertRule, value: float | None) -> bool:
    if value is None or rule.over_at is None:
        return not _is_beyond(rule, value)
    return value <= rule.over_at if rule.above is not None else value >= rule.over_at
