"""
What makes a password one that we take (NIST SP 800-63B §3.1.1.2). Pure.

Long, not the name, not one that everybody tries first. No rules about digits and signs, and no
expiry: both make people choose worse ones.
"""

from functools import cache
from pathlib import Path

from crm.errors import InvalidField

LONGEST = 256  # characters; argon2 takes more, patience does not
FEWEST_DIFFERENT = 4  # characters; "aaaaaaaaaa" has one
_SHORTEST_NAME = 3  # characters; whoever is called "li" may have it in a word
_COMMONEST = Path(__file__).parent / "common_passwords.txt"


def check_password(password: str, *, shortest: int, names: tuple[str, ...]) -> None:
    """``names``: the owner's id and name. Raises InvalidField with the rule that is broken."""
    folded = password.casefold()
    if len(password) < shortest:
        raise InvalidField("password", f"must have at least {shortest} characters")
    if len(password) > LONGEST:
        raise InvalidField("password", f"must have at most {LONGEST} characters")
    if len(set(folded)) < FEWEST_DIFFERENT:
        raise InvalidField("password", "repeats the same few characters")
    for name in names:
        if len(name) >= _SHORTEST_NAME and name.casefold() in folded:
            raise InvalidField("password", "must not contain its owner's name")
    if folded in _commonest():
        raise InvalidField("password", "is one of the commonest")


@cache
def _commonest() -> frozenset[str]:
    return frozenset(_COMMONEST.read_text(encoding="utf-8").split())
