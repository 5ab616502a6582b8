"""What an operator may say of recording clients, and what is refused by which field."""

from typing import Any

import pytest
from pydantic import ValidationError

from config.siprec import SiprecSettings

BRANCH = {"name": "branch", "addresses": ["10.8.0.0/24"], "agents": ["10"]}


def test_without_clients_it_is_off() -> None:
    assert SiprecSettings().clients == ()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"addresses": []}, "needs addresses, or a username and password"),
        ({"addresses": [], "username": "branch"}, "username and password go together"),
        ({"addresses": ["10.8.0.0/99"]}, "addresses"),
        ({"agents": []}, "agents"),
        ({"agents": ["x"]}, "agents"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_client_that_cannot_be_one_is_refused(changed: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        SiprecSettings.model_validate({"clients": [BRANCH | changed]})


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="'branch' is there twice"):
        SiprecSettings.model_validate({"clients": [BRANCH, BRANCH]})
