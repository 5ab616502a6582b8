"""What a dialled number leads to, by who calls and what was dialled at first. Pure."""

from collections.abc import Mapping

from config.numbers import WITHHELD, Destination, NumberSettings, RuleSettings
from crm.numbers import Number, NumberKind, normalise


class DialledNumbers:
    """
    The centre's own numbers, by DNIS and ANI (AC-12).

    A number is known as it is written, and in any other form of the same E.164 number: trunks show
    one and the same as ``+8675512345678``, ``8675512345678`` or ``075512345678``. Of a number's
    rules the first one that fits leads on; else the number itself does.
    """

    def __init__(self, numbers: Mapping[str, NumberSettings], region: str) -> None:
        """``region`` (ISO 3166, "CN") is where national numbers are from."""
        self._region = region
        self.use(numbers)

    def use(self, numbers: Mapping[str, NumberSettings]) -> None:
        """From now on these are ours, and no others."""
        self._as_written = dict(numbers)
        self._whole = {
            whole: leads_to
            for written, leads_to in numbers.items()
            if (whole := e164(written, self._region))
        }

    def leads_to(self, dialled: str, caller: str, original: str) -> Destination | None:
        """None for a number that is not ours. What is not known is empty."""
        found = self._as_written.get(dialled) or self._whole.get(e164(dialled, self._region))
        if found is None:
            return None
        from_, first = normalise(caller, self._region), normalise(original, self._region)
        return next((rule for rule in found.when if _fits(rule, from_, first)), found)


def e164(number: str, region: str) -> str:
    """``+`` and the digits; empty for what is no whole number of some country's plan."""
    found = normalise(number, region)
    return found.text if found.kind is NumberKind.INTERNATIONAL else ""


def line_of(number: str, region: str) -> str:
    """By which a number is the same as another one: its E.164 form, or as it is written."""
    return e164(number, region) or number


def _fits(rule: RuleSettings, caller: Number, original: Number) -> bool:
    return _begins(caller, rule.caller) and _begins(original, rule.original)


def _begins(number: Number, wanted: str | None) -> bool:
    if wanted is None:
        return True
    if number.kind is NumberKind.WITHHELD:
        return wanted == WITHHELD
    return number.kind is not NumberKind.NAME and number.text.startswith(wanted)
